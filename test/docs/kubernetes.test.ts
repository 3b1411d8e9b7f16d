import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { toolVersion } from '../../src/cli/package-info.js';
import { runCommand } from '../../src/cli/run.js';

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: object };
  // biome-ignore lint/suspicious/noExplicitAny: as YAML has it.
  [key: string]: any;
}

function manifests(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(join(DOCS, 'kubernetes', file), 'utf8')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
}

const named = (all: readonly Manifest[], kind: string) => all.filter((each) => each.kind === kind);

it('the plain pods are the pods of the job, each with its number', () => {
  const [service, job] = manifests('job.yaml') as [Manifest, Manifest];
  const [sameService, ...pods] = manifests('pods.yaml') as [Manifest, ...Manifest[]];
  expect(sameService).toEqual(service);
  const { completionMode, parallelism, completions, template } = job.spec;
  expect([completionMode, parallelism, completions]).toEqual(['Indexed', 4, 4]);
  expect(pods).toHaveLength(completions);
  for (const [index, { metadata, spec }] of pods.entries()) {
    expect(metadata).toEqual({ name: `zdd-load-${index}`, labels: template.metadata.labels });
    const own = structuredClone(template.spec);
    own.hostname = metadata.name;
    own.containers[0].env.push({ name: 'JOB_COMPLETION_INDEX', value: String(index) });
    expect(spec).toEqual(own);
  }
});

it('a pod names what the cluster has, and the flags and the version of this command', () => {
  const [service, job] = manifests('job.yaml') as [Manifest, Manifest];
  const { metadata, spec } = job.spec.template;
  const [container] = spec.containers;
  const env = Object.fromEntries(
    container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
  );
  expect(service.spec.selector).toEqual(metadata.labels);
  expect(spec.topologySpreadConstraints[0].labelSelector.matchLabels).toEqual(metadata.labels);
  expect(spec.subdomain).toBe(service.metadata.name);
  expect(env.SHARDS).toBe(String(job.spec.completions));
  // An Indexed Job calls its pods after itself and their number.
  const [{ port }] = service.spec.ports;
  expect(env.CONDUCTOR).toBe(`${job.metadata.name}-0.${service.metadata.name}:${port}`);
  expect(container.ports[0].containerPort).toBe(port);
  expect(container.image).toBe(`zdd-verify-kubectl:${toolVersion()}`);
  expect(named(manifests('access.yaml'), 'ServiceAccount')[0]?.metadata.name).toBe(spec.serviceAccountName);
  const script: string = container.command[2];
  const known = runCommand().options.map(({ long }) => long);
  for (const [flag] of script.matchAll(/(?<= )--[a-z-]+/g)) expect(known).toContain(flag);
  expect(script).toContain(`--listen 0.0.0.0:${port}`);
  const mounted = container.volumeMounts.map(({ name }: { name: string }) => name).sort();
  expect(mounted).toEqual(spec.volumes.map(({ name }: { name: string }) => name).sort());
});

it('a pod asks for a core and has no limit of it, and is restricted as the strictest standard of pods asks', () => {
  const { spec } = (manifests('job.yaml')[1] as Manifest).spec.template;
  const [container] = spec.containers;
  expect(container.resources.requests.cpu).toBe('1');
  expect(container.resources.limits.cpu).toBeUndefined();
  expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  expect(spec.securityContext.runAsUser).toBeGreaterThan(0);
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  for (const volume of spec.volumes)
    expect(Object.keys(volume).sort()[0]).toMatch(/^(?:configMap|secret|emptyDir|name)$/);
});

it('the role has no right beyond what the watcher and kubectl rollout need', () => {
  const [role] = named(manifests('access.yaml'), 'Role');
  const rights = role?.rules.flatMap(({ resources, verbs }: { resources: string[]; verbs: string[] }) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
  );
  expect(rights.filter((right: string) => !/^(?:get|list|watch) /.test(right))).toEqual(['patch deployments']);
  for (const verb of ['get', 'list', 'watch']) expect(rights).toContain(`${verb} deployments`);
  for (const resource of ['pods', 'endpoints', 'events'])
    for (const verb of ['list', 'watch']) expect(rights).toContain(`${verb} ${resource}`);
  const [binding] = named(manifests('access.yaml'), 'RoleBinding');
  expect(binding?.roleRef.name).toBe(role?.metadata.name);
});
