/** The door of the page: one field, no script. */
import { createHash } from "node:crypto"

const style = `
:root { color-scheme: light dark; --ground: #f6f5f1; --paper: #ffffff; --ink: #1d2125; --quiet: #5d676f; --line: #d9d6cc; --good: #1d7a4f; --onGood: #ffffff; --bad: #b3372b; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --paper: #1c2024; --ink: #e8e6e1; --quiet: #98a1a9; --line: #3a4249; --good: #5fc493; --onGood: #10231a; --bad: #f08a7d; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground); color: var(--ink); font: 16px/1.55 ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
main { width: 100%; max-width: 26rem; padding: 2.5rem; background: var(--paper); border: 1px solid var(--line); border-radius: 18px; }
h1 { margin: 0 0 0.35rem; font-size: 1.4rem; font-weight: 620; letter-spacing: -0.015em; }
p { margin: 0 0 1.5rem; color: var(--quiet); }
label { display: block; margin-bottom: 0.35rem; font-weight: 600; font-size: 0.92rem; }
input { width: 100%; padding: 0.65rem 0.8rem; font: 0.95rem ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 10px; }
button { width: 100%; margin-top: 1rem; padding: 0.7rem; font: inherit; font-weight: 600; color: var(--onGood); background: var(--good); border: 0; border-radius: 10px; cursor: pointer; }
input:focus-visible, button:focus-visible { outline: 3px solid var(--good); outline-offset: 2px; }
.bad { margin: 0 0 1rem; color: var(--bad); font-weight: 550; }
code { font: 0.85rem ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; color: var(--ink); overflow-wrap: anywhere; }
.quiet { margin: 1.5rem 0 0; font-size: 0.88rem; }
@media (max-width: 30rem) { main { padding: 1.75rem 1.25rem; } }
`

export const loginPolicy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

/** `problem` is a sentence of ours; nothing of what was sent stands in it. */
export function loginPage(problem?: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in · Sovereign Ledger</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Sovereign Ledger</h1>
<p>What your agents did, what it cost, and the proof of it.</p>
<form method="post" action="/login">
${problem === undefined ? "" : `<p class="bad" role="alert" id="problem">${problem}</p>\n`}<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus spellcheck="false"${problem === undefined ? "" : ` aria-invalid="true" aria-describedby="problem"`}>
<button>Log in</button>
</form>
<p class="quiet">It stands in a file that <code>sovereign-ledger serve</code> names when it starts.</p>
</main>
</body>
</html>
`
}
