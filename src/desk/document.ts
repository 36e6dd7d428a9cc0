/** The document that a browser is given: what can be seen before any script ran, the place of data, the look, and the one script. */
export function pageDocument(style: string, script: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Sovereign Ledger</title>
<style>${style}</style>
</head>
<body>
<div id="page"><p class="waiting">Opening the ledger …</p></div>
<noscript><p class="waiting">This page is drawn by a script, and scripts are switched off here. Everything on it is also told by the command sovereign-ledger.</p></noscript>
<script type="application/json" id="told"></script>
<script>${script}</script>
</body>
</html>
`
}
