/**
 * A proof as one page: it carries the proof and the verifier, needs no network and no server, and opens from a file.
 *
 * Its policy lets nothing run but the script whose hash it names, and the script shows what it found: changed data do not verify, a changed script does not
 * run, and what stands there without it is a warning.
 */
import { createHash } from "node:crypto"
import { assert } from "../../base/fault.ts"
import { checkProof } from "./check-proof.ts"
import { drawProof } from "./draw-proof.ts"
import { proofStyle } from "./proof-style.ts"

/** Functions as they stand in the sources: what is tested here is what runs there. */
const script = `"use strict"
const checkProof = ${checkProof.toString()}

const drawProof = ${drawProof.toString()}

drawProof(window, checkProof)
`

export function proofPage(proofText: string): string {
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(proofStyle)}'; base-uri 'none'; form-action 'none'`
  assert(!/<\/script|<!--/i.test(script), "the script of the page would end early")
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>A proof, not checked yet</title>
<style>${proofStyle}</style>
</head>
<body>
<main id="page" class="bare"><p class="unchecked">This page has not checked itself: scripts are switched off here, or it was changed after it was made. Do not rely on it.</p></main>
<script type="application/json" id="proof">${asData(proofText)}</script>
<script>${script}</script>
</body>
</html>
`
}

/** JSON that no reader of HTML can misread: ASCII only, and nothing that begins a tag. */
function asData(json: string): string {
  return json.replace(/[^ -~]|[<&]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`
}
