/** Text that somebody else wrote, where a terminal or a reader could take it for more than text. */

/** Characters without a look of their own: controls, marks that turn or join text, separators, those of private use or of none, and spaces but the one. */
const invisible = "\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Co}\\p{Cn}\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000"
const troublesome = new RegExp(`[${invisible}]`, "gu")
/** The line feed and what colours make are ours: whatever is shown went through `plain` before they were put around it. */
const ofAPage = new RegExp(`\\u001b\\[\\d{1,3}m|\\n|[${invisible}]`, "gu")

/** Shown data cannot move the cursor, ring the bell, start a new line, turn the text around or hide in it. The escapes are those of JSON. */
export function plain(text: string): string {
  return text.replace(troublesome, escaped)
}

/** An id among words: in quotes where its end could not be seen. */
export function plainId(id: string): string {
  return id === "" || id !== id.trim() ? `"${plain(id)}"` : plain(id)
}

/** All that goes to a terminal, lines and colours kept: the last thing between evidence and the screen. JSON stays the same JSON. */
export function plainPage(text: string, isColoured: boolean): string {
  return text.replace(ofAPage, (found) => (found === "\n" || (isColoured && found.length > 2) ? found : escaped(found)))
}

function escaped(characters: string): string {
  return Array.from({ length: characters.length }, (_, at) => {
    const code = characters.charCodeAt(at)
    const isShown = code > 0x20 && code < 0x7f
    return isShown ? characters.charAt(at) : `\\u${code.toString(16).padStart(4, "0")}`
  }).join("")
}
