/** The look of a statement or a report: calm, on paper too, light and dark as the reader has it. System fonts and no pictures. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #f6f5f1; --paper: #ffffff; --ink: #1d2125; --quiet: #667079; --line: #e6e4dd; --tint: #eef6f1; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --paper: #1c2024; --ink: #e8e6e1; --quiet: #98a1a9; --line: #2d3338; --tint: #1a2a23; --warn: #e0b050; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
main { max-width: 64rem; margin: 6vh auto 10vh; padding: 3rem; background: var(--paper); border: 1px solid var(--line); border-radius: 18px; }
h1 { margin: 0; font-size: 2rem; line-height: 1.2; font-weight: 620; letter-spacing: -0.015em; }
.kind, h2, th, dt { font-size: 0.75rem; font-weight: 600; letter-spacing: 0.07em; text-transform: uppercase; color: var(--quiet); }
.kind { margin: 0 0 0.25rem; }
h2 { margin: 0 0 0.5rem; }
section { margin-top: 2.5rem; }
.quiet { color: var(--quiet); font-size: 0.92rem; overflow-wrap: anywhere; }
.warn { color: var(--warn); font-weight: 550; }
.totals { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1px; margin: 2rem 0 0; background: var(--paper); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
.totals > div { padding: 0.9rem 1rem; box-shadow: 0 0 0 1px var(--line); }
.totals > .closing { background: var(--tint); }
dd { margin: 0.2rem 0 0; font-weight: 550; }
dd, td { font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.45rem 0.75rem 0.45rem 0; text-align: right; vertical-align: top; border-bottom: 1px solid var(--line); unicode-bidi: isolate; }
th.text, td.text { text-align: left; overflow-wrap: anywhere; min-width: 8rem; }
td:not(.text) + .text, th:not(.text) + .text { padding-left: 0.75rem; }
td:not(.text) { white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
pre, code { font: 0.8rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { margin: 0; padding: 1rem; max-height: 16rem; overflow: auto; background: var(--tint); border-radius: 10px; white-space: pre-wrap; word-break: break-all; }
@media (max-width: 40rem) { main { margin: 0; padding: 1.5rem 1.25rem; border: 0; border-radius: 0; } }
@media print { th.text, td.text { min-width: 0; } :root { color-scheme: light; --ground: #ffffff; --paper: #ffffff; --ink: #000000; --quiet: #555555; --line: #cccccc; --tint: #f3f6f4; --warn: #704800; } section { break-inside: avoid-page; } .wide { overflow: visible; } body { background: none; } main { margin: 0; border: 0; padding: 0; } pre { max-height: none; } }
`
