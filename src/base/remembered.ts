const mostKept = 256
const mostLength = 256

/** A check of texts of which few come again and again: those that passed are kept, a bounded number of them. */
export function remembered(check: (text: string) => boolean): (text: string) => boolean {
  const passed = new Set<string>()
  return (text) => {
    if (passed.has(text)) return true
    if (!check(text)) return false
    if (passed.size < mostKept && text.length <= mostLength) passed.add(text)
    return true
  }
}
