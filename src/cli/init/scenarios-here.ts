import { type ProjectFile, readProject } from './folder.js';

/** The scenario files below a folder, by their paths from it on: YAML with `version: 1` and a target. */
export async function scenariosIn(root: string): Promise<string[]> {
  return (await readProject(root)).filter(isScenario).map(({ path }) => path);
}

function isScenario({ path, lines }: ProjectFile): boolean {
  const has = (start: RegExp) => lines.some((line) => start.test(line));
  return /\.ya?ml$/.test(path) && has(/^version: *1\b/) && has(/^targets?:/) && has(/^traffic:/);
}
