/** The word when it is one of the host's own, else undefined: what others may write can hold anything. */
export function listed(value: unknown, words: readonly string[]): string | undefined {
  return typeof value === "string" && words.includes(value) ? value : undefined
}

/** A SHA-256 in hex, with or without its prefix; undefined when it is anything else. */
export function sha256Hex(value: unknown): string | undefined {
  return typeof value === "string" ? /^(?:sha256:)?([0-9a-f]{64})$/.exec(value)?.[1] : undefined
}
