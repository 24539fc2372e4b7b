/** The one style sheet of all pages: system fonts, light and dark, readable on a phone. */
export const style = `
:root{color-scheme:light dark;--ink:#1c2024;--soft:#60646c;--line:#e2e4e9;--page:#fff;--box:#f7f8fa;--link:#0b5cad;
--good:#18794e;--bad:#c62a2f;--odd:#946800;--going:#0b5cad;--idle:#60646c}
@media (prefers-color-scheme:dark){:root{--ink:#eceef0;--soft:#a2a8b0;--line:#2e3338;--page:#131517;--box:#1b1e21;
--link:#70b8ff;--good:#4cc38a;--bad:#ff8589;--odd:#f1c232;--going:#70b8ff;--idle:#a2a8b0}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1.5rem 1rem 4rem;background:var(--page);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
a{color:var(--link)}
h1{font-size:1.35rem;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .75rem}
h3{font-size:1rem;margin:0;display:inline;overflow-wrap:anywhere}
code,pre,.path,.route{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{margin:.35rem 0 .75rem;padding:.6rem .75rem;background:var(--box);border-left:3px solid var(--line);
white-space:pre-wrap;overflow-wrap:anywhere;max-height:28rem;overflow:auto}
.soft{color:var(--soft)}
.good{color:var(--good)}.bad{color:var(--bad)}.odd{color:var(--odd)}.going{color:var(--going)}.idle{color:var(--idle)}
.state{font-weight:600;white-space:nowrap}
.verdict{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;margin:.75rem 0;padding:.75rem 1rem;
background:var(--box);border-left:4px solid currentColor;border-radius:4px}
.notice{margin:.75rem 0;padding:.5rem 1rem;border:1px solid var(--line);border-left:4px solid currentColor;border-radius:4px}
.notice p{margin:.25rem 0;color:var(--ink)}
.notice p.soft{color:var(--soft)}
.verdict strong{font-size:1.2rem}
.verdict span{color:var(--ink)}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(15rem,40%),1fr));gap:.75rem 1.5rem;margin:1rem 0}
dt{color:var(--soft);font-size:.85em}
dd{margin:0;overflow-wrap:anywhere}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{color:var(--soft);font-weight:500;font-size:.85em;white-space:nowrap}
td.whole{white-space:nowrap;font-variant-numeric:tabular-nums}
td.route{white-space:nowrap}
td.message{overflow-wrap:anywhere;min-width:14rem}
.whole{white-space:nowrap}
a.path{color:var(--link)}
td.path{overflow-wrap:anywhere;min-width:12rem}
details{border:1px solid var(--line);border-radius:6px;margin:.6rem 0;padding:.5rem .9rem}
summary{cursor:pointer}
details[open]>summary{margin-bottom:.6rem}
ul.tests{list-style:none;margin:.25rem 0 1rem;padding:0}
ul.tests>li{padding:.25rem 0}
.attempt{margin:1rem 0 .25rem;font-weight:600}
.attempt .soft{font-weight:400}
@media (max-width:40rem){
.stacks,.stacks tbody,.stacks tr,.stacks td{display:block;width:100%}
.stacks thead,.stacks td:empty{display:none}
.stacks tr{padding:.5rem 0;border-bottom:1px solid var(--line)}
.stacks td{min-width:0;padding:.1rem 0;border:0;white-space:normal;overflow-wrap:anywhere}
.stacks td+td::before{content:attr(data-label) " ";color:var(--soft);font-size:.85em}}
nav{margin:.25rem 0 0;display:flex;flex-wrap:wrap;gap:.25rem 1rem}
`;
