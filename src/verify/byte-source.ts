/** Where bytes to be verified come from: a file, or whatever else holds some. What reads them lives in memory that does not depend on how many there are. */

export type ByteSource = {
  /** For words of a fault. */
  readonly name: string
  /** From its beginning, anew each time. Throws what the system throws of a file that cannot be read. */
  readonly open: () => OpenBytes
}

export type OpenBytes = {
  /** Puts the next bytes into `room` from `at` on, as many as fit or fewer; answers how many, 0 at the end. */
  readonly next: (room: Buffer, at: number) => number
  /** The last bytes, at most so many; apart from `next`. */
  readonly last: (mostBytes: number) => Buffer
  readonly close: () => void
}

/** All bytes at once; undefined when there are more than `mostBytes`. */
export function wholeOf(source: ByteSource, mostBytes: number): Buffer | undefined {
  const open = source.open()
  try {
    const bytes = open.last(mostBytes + 1)
    return bytes.length > mostBytes ? undefined : bytes
  } finally {
    open.close()
  }
}

/** Bytes that are in memory already. */
export function memorySource(name: string, bytes: Buffer): ByteSource {
  const open = (): OpenBytes => {
    let from = 0
    return {
      next: (room, at) => {
        const copied = bytes.copy(room, at, from, Math.min(bytes.length, from + room.length - at))
        from += copied
        return copied
      },
      last: (mostBytes) => bytes.subarray(Math.max(0, bytes.length - mostBytes)),
      close: () => {},
    }
  }
  return { name, open }
}
