import { CAUSES, NO_CAUSE, OUTCOME_KINDS, type Sample, type SampleBatch } from '../../src/model/sample.js';

/** Samples as a sending thread hands them over; `flows` are the names of the header's flows. */
export function batchOf(samples: readonly Sample[], flows: readonly string[]): SampleBatch {
  const texts = [''];
  const place = (text: string | null): number => {
    if (text === null || text === '') return 0;
    const known = texts.indexOf(text);
    return known === -1 ? texts.push(text) - 1 : known;
  };
  const causeOf = ({ outcome }: Sample) => ('cause' in outcome ? CAUSES.indexOf(outcome.cause) : NO_CAUSE);
  const detailOf = ({ outcome }: Sample) => ('detail' in outcome ? outcome.detail : null);
  const statusOf = ({ outcome }: Sample) => ('status' in outcome ? (outcome.status ?? 0) : 0);
  const time = (value: number | null) => value ?? Number.NaN;
  return {
    count: samples.length,
    seq: Float64Array.from(samples, ({ seq }) => seq),
    flow: Uint16Array.from(samples, ({ flow }) => flows.indexOf(flow)),
    reused: Uint8Array.from(samples, ({ connection }) => (connection === 'reused' ? 1 : 0)),
    connectionId: Uint32Array.from(samples, ({ connectionId }) => connectionId),
    reuse: Uint32Array.from(samples, ({ reuse }) => reuse),
    idleMs: Float64Array.from(samples, ({ idleMs }) => idleMs),
    dueAt: Float64Array.from(samples, ({ dueAt }) => dueAt),
    sentAt: Float64Array.from(samples, ({ sentAt }) => time(sentAt)),
    connectedAt: Float64Array.from(samples, ({ connectedAt }) => time(connectedAt)),
    firstByteAt: Float64Array.from(samples, ({ firstByteAt }) => time(firstByteAt)),
    endedAt: Float64Array.from(samples, ({ endedAt }) => endedAt),
    outcome: Uint8Array.from(samples, ({ outcome }) => OUTCOME_KINDS.indexOf(outcome.kind)),
    cause: Uint8Array.from(samples, causeOf),
    status: Uint16Array.from(samples, statusOf),
    version: Uint16Array.from(samples, ({ version }) => place(version)),
    detail: Uint16Array.from(samples, (sample) => place(detailOf(sample))),
    bytes: Float64Array.from(samples, ({ bytes }) => bytes),
    cached: Uint8Array.from(samples, ({ cached }) => (cached ? 1 : 0)),
    texts,
  };
}
