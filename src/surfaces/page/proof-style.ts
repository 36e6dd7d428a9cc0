/** The look of a proof page: calm, on paper too, light and dark as the reader has it. System fonts and no pictures, so that the page needs nothing. */
export const proofStyle = `
:root { color-scheme: light dark; --ground: #f6f5f1; --paper: #ffffff; --ink: #1d2125; --quiet: #667079; --line: #e6e4dd; --good: #1d7a4f; --bad: #b3372b; --tint: #eef6f1; --badtint: #fbefed; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --paper: #1c2024; --ink: #e8e6e1; --quiet: #98a1a9; --line: #2d3338; --good: #5fc493; --bad: #f08a7d; --tint: #1a2a23; --badtint: #2e1f1d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.6 ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
main { max-width: 44rem; margin: 8vh auto 12vh; padding: 3.5rem 3.5rem 2.5rem; background: var(--paper); border: 1px solid var(--line); border-radius: 18px; box-shadow: 0 1px 2px rgb(0 0 0 / 4%), 0 18px 48px -24px rgb(0 0 0 / 18%); }
main.bare, main.bad { border-color: var(--bad); }
.mark { display: block; width: 76px; height: 76px; margin: 0 auto 1.5rem; fill: none; stroke-width: 3.5; stroke-linecap: round; stroke-linejoin: round; }
.good .mark { stroke: var(--good); }
.good .mark circle { fill: var(--tint); }
.bad .mark { stroke: var(--bad); }
.bad .mark circle { fill: var(--badtint); }
.mark path { stroke-width: 5; }
h1 { margin: 0; text-align: center; font-size: 1.75rem; line-height: 1.25; font-weight: 620; letter-spacing: -0.015em; }
.lead { margin: 0.75rem auto 0; max-width: 33rem; text-align: center; color: var(--quiet); font-size: 1.06rem; }
.type { margin: 1.25rem 0 0; text-align: center; }
.type, .key, code, dd, input { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.86rem; }
.type:not(:empty)::before, .type:not(:empty)::after { content: " "; display: inline-block; width: 2.5rem; height: 1px; margin: 0 0.9rem; background: var(--line); vertical-align: middle; }
section { margin-top: 2.5rem; }
h2 { margin: 0 0 0.75rem; font-size: 0.75rem; font-weight: 600; letter-spacing: 0.09em; text-transform: uppercase; color: var(--quiet); }
dl { margin: 0; border-top: 1px solid var(--line); }
dl > div { display: grid; grid-template-columns: 9.5rem 1fr; gap: 1rem; padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--quiet); font-size: 0.92rem; overflow-wrap: anywhere; }
dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
.key { margin: 0; padding: 0.8rem 1rem; background: var(--tint); border-radius: 10px; word-break: break-all; }
.bad .key { background: var(--badtint); }
.quiet { margin: 0.75rem 0; color: var(--quiet); font-size: 0.94rem; }
input { width: 100%; padding: 0.65rem 0.9rem; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 10px; }
input:focus { outline: 2px solid var(--good); outline-offset: 1px; }
.answer { min-height: 1.6em; margin: 0.5rem 0 0; font-weight: 550; font-size: 0.94rem; }
.answer.good { color: var(--good); }
.answer.bad { color: var(--bad); }
.steps { margin: 0; padding: 0; list-style: none; }
.steps li { position: relative; padding: 0.35rem 0 0.35rem 1.9rem; font-size: 0.94rem; }
.steps code { display: block; color: var(--quiet); word-break: break-all; }
.steps li::before { content: "\\2713"; position: absolute; left: 0.2rem; color: var(--good); font-weight: 700; }
.reasons { max-width: 33rem; margin: 1.75rem auto 1rem; padding: 1rem 1.25rem 1rem 2.5rem; background: var(--badtint); border-radius: 10px; overflow-wrap: anywhere; }
.reasons li { padding: 0.15rem 0; }
footer { margin-top: 2.75rem; padding-top: 1rem; border-top: 1px solid var(--line); }
.save { color: var(--good); font-size: 0.94rem; font-weight: 550; text-underline-offset: 3px; }
.unchecked { margin: 0; text-align: center; color: var(--bad); }
@media (max-width: 40rem) { main { margin: 0; padding: 2rem 1.25rem; border: 0; border-radius: 0; } dl > div { grid-template-columns: 1fr; gap: 0; } }
@media print { body { background: none; } main { margin: 0; border: 0; box-shadow: none; } input, .save { display: none; } }
`
