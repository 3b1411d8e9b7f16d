/**
 * Why a run proves nothing. `fault`: zdd-verify itself failed; `harness`: it did not do its part; `record`: what it
 * wrote contradicts itself; `proof`: nothing shows that anything happened; `release`: it was not finished; `policy`:
 * the samples cannot support what was asked for.
 */
export interface Doubt {
  kind: 'fault' | 'harness' | 'record' | 'proof' | 'release' | 'policy';
  reason: string;
}
