/** Records in a file, one a line. */
const lineFeed = 0x0a

/** Blank lines are none of them, nor is the mark that some editors put in front of a text. */
export function linesOf(bytes: Buffer): readonly string[] {
  return bytes
    .toString("latin1")
    .replace(/^\u00ef\u00bb\u00bf/, "")
    .split(/\r?\n/)
    .filter((line) => line !== "")
}

/** Without making anything of them: a file of 64 MiB may have as many lines as bytes. */
export function hasMoreLines(bytes: Buffer, most: number): boolean {
  let lines = 1
  for (let at = bytes.indexOf(lineFeed); at >= 0 && at < bytes.length - 1; at = bytes.indexOf(lineFeed, at + 1)) if (++lines > most) return true
  return false
}
