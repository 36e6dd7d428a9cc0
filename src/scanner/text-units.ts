/** A text as a list of its UTF-16 units. */

let shared = new Uint16Array(16 * 1024)
let sharedBytes = Buffer.from(shared.buffer)

/** Read from a list of numbers they take less than read from the text; behind the text stands a zero. Valid until the next call. */
export function unitsOf(text: string): Uint16Array {
  if (shared.length <= text.length + 2) {
    shared = new Uint16Array(text.length * 2)
    sharedBytes = Buffer.from(shared.buffer)
  }
  sharedBytes.write(text, "utf16le")
  shared.fill(0, text.length, text.length + 2)
  return shared
}
