/**
 * verify.html around its script. Its policy lets nothing run but that script, nothing be loaded, and nothing be sent; workers are made of what the page has. The
 * words that stand here say nothing of any file.
 */
import { assert } from "../../base/fault.ts"
import { pageStyle } from "./page-style.ts"

/** @param hashOf the hash of a text as a policy names it (Content Security Policy, level 3, "hash-source") */
export function verifierPage(script: string, version: string, hashOf: (text: string) => string): string {
  const text = `\n${script}`
  assert(!/<\/script|<!--/i.test(text), "the script of the page would end early")
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(text)}'`,
    `style-src '${hashOf(pageStyle)}'`,
    "worker-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ")
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Check evidence - Sovereign Ledger</title>
<style>${pageStyle}</style>
</head>
<body>
<main id="page" class="bare">
<h1>Check evidence</h1>
<p class="lead">Receipts, bundles, exports, checkpoints and proofs of a Sovereign Ledger, held against keys that you trust. Your files stay here: this page can load nothing and send nothing.</p>
<p id="dead">This page has not started: scripts are switched off here, or it was changed after it was made. It has checked nothing.</p>
<section class="step" id="keys-part" aria-labelledby="keys-title">
<h2 id="keys-title">1. The keys you trust</h2>
<p class="quiet" id="keys-words">Get them from whoever vouches for them, by another way than the evidence: a key that comes with a file proves nothing about it. Without a key, no file is called valid.</p>
<label for="keys">Paste keys</label>
<textarea id="keys" rows="3" spellcheck="false" autocomplete="off" aria-describedby="keys-words" placeholder="name+hash+key of a ledger or a witness, one a line; a JWKS of who signs receipts, or certificates of time-stamp authorities (PEM)"></textarea>
<label for="key-files">or choose files of keys</label>
<input type="file" id="key-files" multiple>
<ul id="pinned" aria-live="polite"></ul>
</section>
<section class="step" aria-labelledby="files-title">
<h2 id="files-title">2. The evidence</h2>
<p class="quiet">.jws and .peacbundle, exports (.ndjson), signed checkpoints (.note), proofs, cap proofs: one file or many.</p>
<div id="drop">
<label for="files">Drop files here, or choose them</label>
<input type="file" id="files" multiple>
</div>
</section>
<section id="found" aria-labelledby="found-title" hidden>
<h2 id="found-title">3. What was found</h2>
<p id="summary" role="status"></p>
<button type="button" id="stop" hidden>Stop checking</button>
<div id="results"></div>
</section>
<footer>
<p>verify.html of Sovereign Ledger ${version}. Whether this page is the one that was published, the SHA-256 of its file tells: compare it before you rely on it.</p>
</footer>
</main>
<script>${text}</script>
</body>
</html>
`
}
