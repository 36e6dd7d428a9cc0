/** The look of verify.html: as that of a proof page, light and dark as the reader has it, on a phone and on paper. System fonts and no pictures. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #f6f5f1; --paper: #ffffff; --ink: #1d2125; --quiet: #5c666e; --line: #e0ded6; --good: #1d7a4f; --bad: #b3372b; --unsure: #8a5a00; --tint: #eef6f1; --badtint: #fbefed; --unsuretint: #fbf4e4; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --paper: #1c2024; --ink: #e8e6e1; --quiet: #9fa8b0; --line: #343a40; --good: #5fc493; --bad: #f08a7d; --unsure: #e3b341; --tint: #1a2a23; --badtint: #2e1f1d; --unsuretint: #2b2517; } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.6 ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
main { max-width: 50rem; margin: 0 auto; padding: 6vh 1.5rem 10vh; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.25; font-weight: 620; letter-spacing: -0.015em; }
h2 { margin: 0 0 0.35rem; font-size: 1.05rem; font-weight: 600; }
h3 { margin: 0; font-size: 1.3rem; line-height: 1.35; font-weight: 600; overflow-wrap: anywhere; }
h4 { margin: 0 0 0.5rem; font-size: 0.78rem; font-weight: 600; letter-spacing: 0.07em; text-transform: uppercase; color: var(--quiet); }
.lead { margin: 0.75rem 0 0; max-width: 42rem; color: var(--quiet); font-size: 1.06rem; }
.quiet, .kind { margin: 0.35rem 0; overflow-wrap: anywhere; color: var(--quiet); font-size: 0.94rem; }
.step { margin-top: 2rem; padding: 1.5rem 1.75rem; background: var(--paper); border: 1px solid var(--line); border-radius: 16px; }
textarea { display: block; width: 100%; min-height: 5.5rem; margin: 0.5rem 0; padding: 0.65rem 0.9rem; resize: vertical; color: inherit; background: transparent; border: 1px solid var(--quiet); border-radius: 10px; }
textarea, .key, dd, .hash, #pinned { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.86rem; }
label { font-weight: 550; }
input[type="file"] { display: block; max-width: 100%; margin-top: 0.35rem; font: inherit; font-size: 0.94rem; color: transparent; }
input::file-selector-button, button { padding: 0.45rem 1rem; margin-right: 0.75rem; font: inherit; font-size: 0.94rem; font-weight: 550; color: var(--ink); background: var(--ground); border: 1px solid var(--quiet); border-radius: 9px; cursor: pointer; }
#pinned button { margin: 0 0 0 0.75rem; padding: 0 0.6rem; font-family: inherit; font-size: 0.8rem; }
:focus-visible { outline: 3px solid var(--good); outline-offset: 2px; }
#drop { margin-top: 0.75rem; padding: 1.75rem 1.25rem; border: 2px dashed var(--quiet); border-radius: 12px; }
.over #drop { border-color: var(--good); background: var(--tint); }
ul { margin: 0; padding: 0; list-style: none; }
#pinned { margin-top: 0.75rem; }
#pinned li { padding: 0.4rem 0.75rem; margin-top: 0.35rem; border-radius: 8px; overflow-wrap: anywhere; }
#pinned .good { background: var(--tint); }
#pinned .bad { background: var(--badtint); color: var(--bad); }
#found { margin-top: 2.5rem; }
#summary { margin: 0 0 0.5rem; font-weight: 550; }
article { margin-top: 1.25rem; padding: 1.75rem; background: var(--paper); border: 1px solid var(--line); border-left: 6px solid var(--quiet); border-radius: 16px; }
article.good { border-left-color: var(--good); }
article.bad { border-left-color: var(--bad); }
article.unsure { border-left-color: var(--unsure); }
.verdict { display: flex; align-items: center; gap: 0.7rem; margin: 0 0 0.75rem; font-size: 1.25rem; letter-spacing: 0.03em; text-transform: uppercase; }
.good .verdict { color: var(--good); }
.bad .verdict { color: var(--bad); }
.unsure .verdict { color: var(--unsure); }
.mark { flex: none; width: 2.4rem; height: 2.4rem; fill: none; stroke: currentColor; stroke-width: 3.5; stroke-linecap: round; stroke-linejoin: round; }
.mark path { stroke-width: 6; }
.says { margin: 0.5rem 0 0; font-size: 1.06rem; overflow-wrap: anywhere; }
section section, article section { margin-top: 1.5rem; }
dl { margin: 0; border-top: 1px solid var(--line); }
dl > div { display: grid; grid-template-columns: 9.5rem 1fr; gap: 1rem; padding: 0.45rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--quiet); font-size: 0.92rem; overflow-wrap: anywhere; }
dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
.key { margin: 0; padding: 0.8rem 1rem; background: var(--tint); border-radius: 10px; word-break: break-all; }
.bad .key { background: var(--badtint); }
.unsure .key { background: var(--unsuretint); }
.reasons { padding: 0.75rem 1.1rem; background: var(--badtint); border-radius: 10px; }
.unsure .reasons { background: var(--unsuretint); }
.reasons li, .plain li { position: relative; padding: 0.15rem 0 0.15rem 1.1rem; font-size: 0.96rem; overflow-wrap: anywhere; }
.reasons li::before, .plain li::before { content: "\\2013"; position: absolute; left: 0; color: var(--quiet); }
dl.stacked { margin-top: 0.75rem; }
dl.stacked > div { grid-template-columns: 1fr; gap: 0; }
article details { margin-top: 0.5rem; }
summary { overflow-wrap: anywhere; cursor: pointer; font-weight: 550; }
.hash { margin-top: 1.5rem; word-break: break-all; }
#dead { margin-top: 1.5rem; padding: 0.9rem 1.1rem; color: var(--bad); background: var(--badtint); border-radius: 10px; }
footer { margin-top: 3rem; color: var(--quiet); font-size: 0.9rem; }
@media (max-width: 40rem) { main { padding: 2rem 0.9rem 4rem; } .step, article { padding: 1.25rem 1.1rem; border-radius: 12px; } dl > div { grid-template-columns: 1fr; gap: 0; } h1 { font-size: 1.6rem; } }
@media (prefers-reduced-motion: no-preference) { #drop { transition: background 120ms; } }
@media print { body { background: none; } .step, #stop { display: none; } article { break-inside: avoid-page; } }
`
