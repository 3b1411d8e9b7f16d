import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const assetSkew: Cause = {
  name: 'asset-skew',
  mode: 31,
  claim: 'Assets of one release were asked for while the other was live, and were missing or of the wrong content.',
  signature: '404 on hashed names, or other bytes under the same name, during and after the switch.',
  because: 'The switch took the old assets away, or names do not carry the content.',
  remedy:
    'Keep the assets of the release before beside the new ones, under names with a hash of their content, published before the pages.',
  fixes: { nginx: 'nginx: `location /assets/ { root /srv/app/shared; }`, filled before the switch.' },
  references: [],
  signs: (v) => [
    must(
      v.faults('assets') > 0 || (v.wrongAnswer > 0.8 && v.flowsHit.every(isAsset(v))),
      'assets were missing or wrong',
      7,
    ),
    sign(v.failed === 0 || v.status(404) + v.share('expectation') > 0.8, 1, 'not found, or of other content'),
    sign(v.run.end?.release === 'rollback-failed' && v.role !== 'release' ? false : null, 5, 'the way back succeeded'),
    sign(v.failed === 0 || v.flowsSpared.length > 0, 1, 'pages themselves went well'),
  ],
};

const ASSET = /\.(?:m?js|css|png|jpe?g|svg|woff2?|map|wasm)\b|\/(?:assets?|static)\//;

/** Whether a flow asks for an asset, by its path. */
export function isAsset({ run }: Parameters<Cause['signs']>[0]): (flow: string) => boolean {
  return (flow) => run.header.traffic.flows.some(({ name, path }) => name === flow && ASSET.test(path));
}
