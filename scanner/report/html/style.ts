const LIGHT = `--back:#fff;--panel:#f5f7f9;--text:#1a2027;--dim:#545e69;--line:#cfd6dd;--link:#0a56b3;
--bad:#b01722;--caution:#7d4e00;--good:#146232;--unknown:#5b35a5;--bad-back:#fdeced;--caution-back:#fff3d9;--good-back:#e6f5eb;--unknown-back:#f1ecfb;
--a-code:#bcd7f5;--a-data:#c6e6cf;--a-debug:#f7d3a8;--a-custom:#e3d0f1;--a-frame:#dbe0e5`;
const DARK = `--back:#10151a;--panel:#182028;--text:#e7edf3;--dim:#a2aebb;--line:#36424e;--link:#86bdff;
--bad:#ff928b;--caution:#ecb955;--good:#6bd095;--unknown:#c4adff;--bad-back:#3b171a;--caution-back:#35280c;--good-back:#11301e;--unknown-back:#281d44;
--a-code:#1f4a78;--a-data:#1f5434;--a-debug:#6b4313;--a-custom:#4d3168;--a-frame:#3a444e`;

/** The one style sheet of a page; its hash stands in the content security policy. */
export const STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
@media print{:root{color-scheme:light;${LIGHT}}}
*{box-sizing:border-box}
[hidden]{display:none!important}
[id]{scroll-margin-top:6.5rem}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:76rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.5rem}
h1,h2,h3,h4{line-height:1.25;margin:0}
h1{font-size:1.75rem}
h2{font-size:1.3rem;margin:2.5rem 0 .75rem}
h3,.artifact>summary h3{font-size:1.05rem;display:inline}
h4{font-size:1rem;margin:1.5rem 0 .5rem}
p,ul,ol,dl,pre{margin:.5rem 0}
ul{padding-left:1.25rem}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
code,pre{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
code{unicode-bidi:isolate}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.75rem;white-space:pre-wrap}
.dim,small{color:var(--dim);font-size:.875rem}
.hide{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-99rem}
.skip:focus{position:static}
.brand{font-weight:600;color:var(--dim);margin:0 0 .75rem}
.answer{border:1px solid var(--line);border-left:.5rem solid var(--dim);border-radius:6px;padding:1rem 1.25rem;background:var(--panel)}
.answer.deny,.state.deny,.badge.deny{--tone:var(--bad);--tone-back:var(--bad-back)}
.answer.warn,.state.warn,.badge.warn{--tone:var(--caution);--tone-back:var(--caution-back)}
.answer.allow,.state.allow,.badge.allow{--tone:var(--good);--tone-back:var(--good-back)}
.answer.error,.state.error,.badge.error{--tone:var(--unknown);--tone-back:var(--unknown-back)}
.badge.note,.state.waived,.badge.waived{--tone:var(--dim);--tone-back:var(--panel)}
.answer{border-left-color:var(--tone);background:var(--tone-back)}
.answer h1{color:var(--tone)}
.badge{display:inline-block;min-width:4.5rem;text-align:center;padding:.1rem .5rem;border-radius:4px;font-size:.75rem;font-weight:700;letter-spacing:.02em;color:var(--back);background:var(--tone);white-space:nowrap}
.badge.note,.badge.waived{color:var(--text);background:var(--panel);box-shadow:inset 0 0 0 1px var(--dim)}
.tiles{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;list-style:none;padding:0;margin:.5rem 0 0}
.tiles b{font-size:1.25rem}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:1rem 0 0}
.scroll{position:relative;overflow-x:auto;max-width:100%;border:1px solid var(--line);border-radius:6px}
table{border-collapse:collapse;font-size:.875rem}
th,td{padding:.35rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
tr:last-child>*{border-bottom:0}
td.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.matrix th[scope=col]{vertical-align:bottom;text-align:left;font-weight:400;padding:.5rem .25rem}
.matrix th[scope=col] span{display:inline-block;writing-mode:vertical-rl;transform:rotate(180deg);max-height:11rem;text-wrap:balance;line-height:1.15}
.matrix th[scope=colgroup]{border-left:1px solid var(--line);font-size:.75rem;color:var(--dim);padding:.25rem;white-space:nowrap}
.matrix th[scope=row]{position:sticky;left:0;background:var(--back);min-width:11rem;max-width:20rem;font-weight:400}
.matrix td{text-align:center;border-left:1px solid var(--line);padding:.35rem .25rem;min-width:2rem}
.state{color:var(--tone);background:var(--tone-back);font-weight:700}
.matrix td[colspan]{text-align:left}
.matrix td.corner{text-align:left;border-left:0;vertical-align:bottom;position:sticky;left:0;background:var(--back)}
.diff{width:100%;border:1px solid var(--line)}
.diff th{font-weight:400}
.diff thead th{color:var(--dim);font-size:.8125rem}
.diff .mark{width:1%;min-width:10.5rem}
.diff .more{background:var(--caution-back)}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;font-size:.875rem;color:var(--dim)}
.legend i{display:inline-block;min-width:1.5rem;text-align:center;font-style:normal;border-radius:3px;margin-right:.35rem;min-height:1.1em;vertical-align:middle}
.filter{border:1px solid var(--line);border-radius:6px;background:var(--panel);padding:.75rem 1rem;margin:0 0 1rem;display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;position:sticky;top:0;z-index:2}
.filter input[type=search]{font:inherit;padding:.3rem .5rem;border:1px solid var(--dim);border-radius:4px;background:var(--back);color:var(--text);min-width:12rem;max-width:100%}
.filter fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.25rem .9rem}
.filter legend{float:left;margin-right:.9rem;padding:0;color:var(--dim)}
.filter label{white-space:nowrap}
button{font:inherit;font-size:.875rem;padding:.25rem .7rem;border:1px solid var(--dim);border-radius:4px;background:var(--back);color:var(--text);cursor:pointer}
summary{cursor:pointer}
.artifact{border:1px solid var(--line);border-radius:8px;margin:0 0 1rem}
.artifact>summary{padding:.75rem 1rem}
.artifact>summary .dim{margin-left:.5rem}
.artifact[open]>summary{border-bottom:1px solid var(--line)}
.body{padding:.25rem 1rem 1rem}
.facts{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.2rem 1rem;font-size:.9375rem}
.facts dt{color:var(--dim)}
.facts dd{margin:0;min-width:0}
.powers{list-style:none;padding:0;display:grid;gap:.25rem}
.powers .badge{margin-right:.4rem}
.powers ul,.path{font-size:.875rem}
.path{list-style:none;display:inline;padding:0}
.path li{display:inline}
.path li+li::before{content:" → ";color:var(--dim)}
.group{border:1px solid var(--line);border-radius:6px;margin:0 0 .5rem;content-visibility:auto;contain-intrinsic-size:auto 3rem}
.group>summary{padding:.5rem .75rem}
.group>div{padding:0 .75rem .5rem}
.group ol{list-style:none;padding:0;margin:.5rem 0 0}
.group li{padding:.4rem 0 .4rem .6rem;border-top:1px solid var(--line);content-visibility:auto;contain-intrinsic-size:auto 2.5rem}
.group li:target{background:var(--caution-back)}
.fix{border-left:3px solid var(--good);padding-left:.6rem}
.fix b{color:var(--good)}
.change{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.75rem}
.change section{border:1px solid var(--line);border-radius:6px;padding:.5rem .75rem}
.change ul{list-style:none;padding:0}
figure{margin:.5rem 0}
svg{display:block;width:100%;min-width:40rem;height:auto;font:12px system-ui,"DejaVu Sans",sans-serif}
svg text{fill:var(--text)}
svg rect{stroke:var(--back);stroke-width:1.5}
.k-code{fill:var(--a-code)}.k-data{fill:var(--a-data)}.k-debug{fill:var(--a-debug)}.k-custom{fill:var(--a-custom)}.k-frame{fill:var(--a-frame)}
i.k-code{background:var(--a-code)}i.k-data{background:var(--a-data)}i.k-debug{background:var(--a-debug)}i.k-custom{background:var(--a-custom)}i.k-frame{background:var(--a-frame)}
.box rect{fill:var(--panel);stroke:var(--dim)}
.box.host rect{fill:var(--caution-back);stroke:var(--caution)}
.box.unresolved rect{fill:var(--unknown-back);stroke:var(--unknown)}
.wire{fill:none;stroke:var(--dim);stroke-opacity:.75}
.wire.host{stroke:var(--caution)}
.part{fill:none;stroke:var(--text)}
svg rect.part{stroke:var(--text);stroke-width:1}
.help{border:1px solid var(--line);border-radius:6px;margin:0 0 .5rem}
.help>summary{padding:.5rem .75rem}
.help>div{padding:0 .75rem .75rem;max-width:60rem}
footer{margin-top:3rem;padding-bottom:3rem;color:var(--dim);font-size:.875rem}
@media (max-width:40rem){.diff .mark{min-width:6.5rem}header,main,footer{padding-left:.75rem;padding-right:.75rem}.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.4rem}.filter{position:static}.matrix th[scope=row]{min-width:8rem;max-width:9rem}}
@media print{.filter,.skip,nav{display:none}.scroll{overflow:visible;border:0}details::details-content{content-visibility:visible;height:auto}.group,.group li{content-visibility:visible;break-inside:avoid}body{font-size:11pt}svg{min-width:0}a{color:inherit}}
@media (forced-colors:active){.badge{border:1px solid}}
`.trim();
