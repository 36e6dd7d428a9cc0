/** Name patterns: `*` stands for any run of characters, everything else is literal; case matters. Compiled once, linear to match. */
export type NamePattern = { readonly pattern: string; readonly matches: (name: string) => boolean }

export function namePattern(pattern: string): NamePattern {
  const parts = pattern.split("*")
  return { pattern, matches: (name) => matchParts(parts, name) }
}

function matchParts(parts: readonly string[], name: string): boolean {
  const first = parts[0] ?? ""
  const last = parts.at(-1) ?? ""
  if (parts.length === 1) return name === first
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false
  let from = first.length
  const end = name.length - last.length
  for (const part of parts.slice(1, -1)) {
    const at = name.indexOf(part, from)
    if (at < 0 || at + part.length > end) return false
    from = at + part.length
  }
  return true
}

export function firstMatch(patterns: readonly NamePattern[], name: string): NamePattern | undefined {
  return patterns.find((pattern) => pattern.matches(name))
}
