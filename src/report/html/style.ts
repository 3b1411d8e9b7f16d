import { type ColourName, PALETTE } from '../palette.js';

/** The whole style sheet; colours of both schemes come from the palette. */
export function styleSheet(): string {
  return `${drawingStyle()}${RULES}`;
}

/** What the drawings alone need, in both schemes. */
export function drawingStyle(): string {
  return `${variables()}${classes()}`;
}

function variables(): string {
  const set = (scheme: 0 | 1) =>
    Object.entries(PALETTE)
      .map(([name, pair]) => `--${name}:${pair[scheme]}`)
      .join(';');
  return `:root{color-scheme:light dark;${set(0)}}\n@media (prefers-color-scheme:dark){:root{${set(1)}}}\n@media print{:root{color-scheme:light;${set(0)}}}\n`;
}

/** Presentation attributes of the drawings, overridden so that they follow the scheme. */
function classes(): string {
  return (Object.keys(PALETTE) as ColourName[])
    .map((name) => `.f-${name}{fill:var(--${name})}.s-${name}{stroke:var(--${name})}`)
    .join('');
}

const RULES = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:56px}
body{margin:0;background:var(--page);color:var(--text);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;font-feature-settings:"tnum"}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12.5px}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:2px}
a:focus-visible,summary:focus-visible,button:focus-visible,[tabindex]:focus-visible,input:focus-visible,select:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
main,.top,.foot{max-width:1240px;margin:0 auto;padding:0 28px}
h1,h2,h3,p,dl,dd,ul{margin:0}
svg text{font-family:inherit}
.defs{position:absolute}
.dim{color:var(--dim)}
.bad{color:var(--bad)}.good{color:var(--good)}.unsure{color:var(--unsure)}
strong.bad,td.bad{font-weight:650}

.banner{border-bottom:1px solid var(--line);border-top:6px solid var(--mood)}
.mood-good{--mood:var(--good);--wash:var(--goodWash)}
.mood-bad{--mood:var(--bad);--wash:var(--badWash)}
.mood-unsure{--mood:var(--unsure);--wash:var(--unsureWash)}
.banner{background:var(--wash)}
.top{padding-top:26px;padding-bottom:24px}
.verdict{display:grid;grid-template-columns:64px 1fr;gap:4px 20px;align-items:center}
.verdict svg{width:64px;height:64px;grid-row:1/3}
.verdict .mark{fill:var(--mood)}.verdict .sign{stroke:var(--wash)}
.scenario{font-size:13px;color:var(--dim);overflow-wrap:anywhere}
.verdict h1{font-size:34px;line-height:1.12;letter-spacing:-.022em;font-weight:700;color:var(--mood)}
.headline{font-size:17px;line-height:1.45;margin-top:14px;max-width:82ch;overflow-wrap:anywhere}
.axes{display:flex;flex-wrap:wrap;gap:8px 10px;margin-top:16px}
.axis{display:inline-flex;gap:8px;align-items:baseline;padding:3px 11px;border:1px solid var(--line);border-radius:99px;background:var(--page);font-size:13px;max-width:100%;overflow-wrap:anywhere}
.axis b{font-weight:620}
.axis span{color:var(--dim)}
.reasons{margin:16px 0 0;padding:0;list-style:none;max-width:100ch}
.reasons li{padding-left:18px;position:relative;overflow-wrap:anywhere}
.reasons li+li{margin-top:2px}
.reasons li::before{content:"";position:absolute;left:3px;top:.62em;width:6px;height:6px;background:var(--mood);border-radius:1px}
.notice{margin-top:16px;padding:9px 14px;border:1px solid var(--unsure);border-left-width:5px;border-radius:4px;background:var(--page);max-width:100ch}

.follow{margin-top:14px;padding:9px 14px;border:1px solid var(--line);border-radius:6px;background:var(--page);font-size:13px;max-width:110ch;overflow-wrap:anywhere}
.follow p:empty{display:none}
.follow #follow-steps{white-space:pre-wrap}

nav{position:sticky;top:0;z-index:5;background:var(--page);border-bottom:1px solid var(--line)}
nav ul{list-style:none;margin:0 auto;padding:0 28px;max-width:1240px;display:flex;gap:17px;overflow-x:auto;scrollbar-width:none}
nav a{display:block;padding:9px 0;color:var(--dim);text-decoration:none;font-size:13px;white-space:nowrap}
nav a:hover{color:var(--text)}

.tiles{display:grid;grid-template-columns:repeat(7,minmax(0,1fr));margin:26px 0 0;border:1px solid var(--line);border-radius:8px;overflow:hidden;background:var(--line);gap:1px}
.tile{background:var(--page);padding:12px 14px 11px;display:flex;flex-direction:column;min-width:0}
.tile dt{font-size:12px;color:var(--dim);line-height:1.3}
.tile dd{font-size:23px;font-weight:640;letter-spacing:-.015em;line-height:1.35;white-space:nowrap}
.tile dd small{font-size:14px;font-weight:500;letter-spacing:0;color:var(--dim)}
.tile.hit{box-shadow:inset 0 3px 0 var(--bad)}
.tile.hit dd{color:var(--bad)}
.tile dd.note{font-size:12px;font-weight:400;letter-spacing:0;color:var(--dim);line-height:1.35;white-space:normal;overflow-wrap:anywhere}

section{margin-top:38px}
h2{font-size:17px;font-weight:650;letter-spacing:-.01em;line-height:1.3}
h2+p{color:var(--dim);font-size:13px;max-width:880px;margin-top:2px}
h3{font-size:13px;font-weight:620;margin:18px 0 4px}
.scroll{overflow-x:auto;margin-top:10px;border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:13px}
th{font-weight:560;color:var(--dim);text-align:left;font-size:12px;background:var(--raised);white-space:nowrap}
th,td{padding:6px 12px;border-bottom:1px solid var(--line);vertical-align:top}
tbody tr:last-child>*{border-bottom:0}
td{overflow-wrap:anywhere;min-width:9ch}
td.n{min-width:3ch}
td.wide{min-width:22ch}
td.word{overflow-wrap:normal;min-width:0}
tbody th{color:var(--text);background:none;font-size:13px;font-weight:600;white-space:normal;min-width:9ch}
.n{text-align:right;white-space:nowrap;overflow-wrap:normal}
td.zero{color:var(--dim)}
tr.hit>*{background:var(--badWash)}
tr.warn>*{background:var(--unsureWash)}
tr.sep>*{background:var(--sunken);font-weight:600;color:var(--dim)}
.n .sub{white-space:normal;max-width:24ch;margin-left:auto}
.state{white-space:nowrap;font-weight:600}
.sub{display:block;color:var(--dim);font-size:12px;font-weight:400}
.empty{margin-top:10px;padding:11px 14px;border:1px dashed var(--strong);border-radius:8px;color:var(--dim);font-size:13px}
.more{margin-top:6px;color:var(--dim);font-size:12px}

figure{margin:12px 0 0;border:1px solid var(--line);border-radius:8px;padding:12px 14px 10px;position:relative}
figure>svg{display:block;width:100%;height:auto}
figure>svg.narrow{display:none}
.stage{position:relative;height:520px;display:none}
.live .stage{display:block}
.live>svg.wide,.live>svg.narrow{display:none}
.surface{touch-action:pan-y pinch-zoom;cursor:crosshair;user-select:none;-webkit-user-select:none}
.brush,.cursor{position:absolute;pointer-events:none;display:none;background:var(--accent);opacity:.16}
.cursor{opacity:.55}
.stretched,.stretched *{vector-effect:non-scaling-stroke}
.away{display:none}
.tip{position:absolute;pointer-events:none;display:none;background:var(--page);border:1px solid var(--strong);border-radius:6px;padding:7px 10px;font-size:12px;line-height:1.45;box-shadow:0 4px 16px #0003;z-index:3;white-space:pre;max-width:300px;overflow:hidden;text-overflow:ellipsis}
.tools{display:none;justify-content:space-between;align-items:baseline;gap:12px;font-size:12px;color:var(--dim);margin-bottom:4px}
.live .tools{display:flex}
.buttons{display:flex;gap:5px;flex:none}
button{font:inherit;color:var(--accent);background:none;border:1px solid var(--line);border-radius:5px;padding:1px 9px;cursor:pointer}
button:disabled{color:var(--dim);cursor:default}
button[hidden]{display:none}
.legend button{display:flex;align-items:center;gap:6px;color:inherit;font-size:12px;border:0;padding:1px 3px;margin:0 -3px;text-align:left;overflow-wrap:anywhere}
.legend button:hover{color:var(--text)}
.legend button[aria-pressed=false]{text-decoration:line-through}
.legend button[aria-pressed=false] svg{opacity:.25}
.filter{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:end;margin-top:10px;font-size:12px}
.filter label{display:grid;gap:2px;color:var(--dim);min-width:0}
.filter .check{display:flex;gap:6px;align-items:center;padding:3px 0}
.filter input[type=search],.filter select{font:inherit;font-size:13px;color:var(--text);background:var(--page);border:1px solid var(--strong);border-radius:5px;padding:3px 7px;width:18ch;max-width:100%;height:29px}
.filter button,.further{font-size:13px;padding:3px 10px}
.further{margin-top:8px}
.count{margin-top:8px;color:var(--dim);font-size:12px}
.more.beyond,.filtered .unfiltered{display:none}
.filtered .more.beyond{display:block}
.order{font:inherit;font-size:12px;font-weight:560;color:inherit;border:0;padding:0}
[aria-sort] .order{color:var(--text)}
[aria-sort=ascending] .order::after{content:" ↑"}
[aria-sort=descending] .order::after{content:" ↓"}
.legend{display:flex;flex-wrap:wrap;gap:3px 18px;list-style:none;margin:8px 0 0;padding:8px 0 0;border-top:1px solid var(--line);font-size:12px;color:var(--dim)}
.legend li{display:flex;align-items:center;gap:6px;overflow-wrap:anywhere}
.legend svg{flex:none}
details{margin-top:8px}
summary{cursor:pointer;color:var(--dim);font-size:13px;width:max-content;max-width:100%}
summary:hover{color:var(--text)}
pre{margin:10px 0 0;padding:12px 14px;background:var(--raised);border:1px solid var(--line);border-radius:8px;overflow:auto;max-height:520px;line-height:1.5}
.log td{padding-top:2px;padding-bottom:2px;border-bottom:0}
.log td.mono{white-space:pre-wrap}
.log{max-height:560px;overflow:auto}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:0 28px}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:3px 20px;margin-top:10px;font-size:13px}
.facts dt{color:var(--dim)}
.facts dd{overflow-wrap:anywhere}
.finding{border:1px solid var(--line);border-left:5px solid var(--strong);border-radius:6px;padding:10px 16px 11px;margin-top:10px}
.finding.breach{border-left-color:var(--bad)}
.finding.risk{border-left-color:var(--unsure)}
.finding p{overflow-wrap:anywhere}
.finding .claim{font-weight:600}
.finding .claim span{font-weight:500;color:var(--dim)}
.finding ul{padding-left:18px;font-size:13px;color:var(--dim)}
.finding .remedy{margin-top:4px;font-size:13px}
.method{font-size:13px;padding-left:18px;max-width:96ch}
.method li{margin-top:4px}
.foot{padding-top:22px;padding-bottom:40px;margin-top:44px;color:var(--dim);font-size:12px;border-top:1px solid var(--line);overflow-wrap:anywhere}

@media (max-width:1080px){.tiles{grid-template-columns:repeat(4,minmax(0,1fr))}.tile:last-child{grid-column:3/-1}}
@media (max-width:640px){
main,.top,.foot,nav ul{padding-left:14px;padding-right:14px}
.top{padding-top:18px;padding-bottom:18px}
.verdict{grid-template-columns:46px 1fr;gap:2px 12px}
.verdict svg{width:46px;height:46px}
.verdict h1{font-size:27px}
.headline{font-size:16px}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}
.tile:last-child{grid-column:1/-1}
th,td{padding:5px 9px}
figure{padding:8px}
figure>svg.wide{display:none}
figure>svg.narrow{display:block}
.stage{height:460px}
.live>svg.narrow{display:none}
.facts{grid-template-columns:1fr;gap:0}
.facts dd{margin-bottom:6px}
.hint{display:none}
table{width:max-content;min-width:100%}
td,tbody th{max-width:26ch}
td.wide{max-width:40ch}
.log td.wide{max-width:64ch}
}
@page{size:A4 landscape;margin:12mm}
@media print{
body{font-size:11px}
nav,.tools,.stage,.filter,.further,.hint{display:none!important}
main,.foot{max-width:none;padding-left:0;padding-right:0}
.top{max-width:none;padding:10px 14px 12px}
section{margin-top:22px}
figure>svg.wide{display:block!important}
figure>svg.narrow{display:none!important}
details::details-content{content-visibility:visible;display:block;height:auto}
summary{list-style:none}
.scroll,.log,pre{overflow:visible;max-height:none}
.tiles{grid-template-columns:repeat(7,minmax(0,1fr))}
.tile:last-child{grid-column:auto}
.tile dd:not(.note){font-size:17px}
table{width:100%}
th,td,tbody th{font-size:10px;padding:3px 6px;min-width:0!important;max-width:none;overflow-wrap:anywhere}
th,.n{white-space:normal}
thead{display:table-header-group}
h2,h3,h2+p,summary{break-after:avoid}
figure,.finding,.tiles,.verdict,tr,li,dt,dd{break-inside:avoid}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
a{color:inherit;text-decoration:none}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
`;
