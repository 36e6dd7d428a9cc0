/** Where receipts by hand are kept: in memory, or in a file with a record a line. */
import { open, readFile } from "node:fs/promises"
import { dirname } from "node:path"
import type { ReceiptStore } from "./receipts-api.ts"

export function memoryStore(): ReceiptStore {
  const kept: string[] = []
  return {
    read: () => Promise.resolve([...kept]),
    append: (records) => Promise.resolve(void kept.push(...records)),
  }
}

/** What is there is never written over, but for an unfinished line that nobody was told of. */
export function fileStore(path: string): ReceiptStore {
  let known = { wholeBytes: 0, sizeBytes: 0 }
  return {
    read: async () => {
      const bytes = await contentOf(path)
      const wholeBytes = bytes.lastIndexOf(10) + 1
      known = { wholeBytes, sizeBytes: bytes.length }
      const text = bytes.toString("latin1", 0, wholeBytes)
      return text === "" ? [] : text.slice(0, -1).split("\n")
    },
    append: async (records) => {
      const bytes = Buffer.from(records.map((record) => `${record}\n`).join(""), "latin1")
      const { wholeBytes, sizeBytes } = known
      const file = await open(path, sizeBytes === 0 ? "a" : "r+", 0o600)
      try {
        if ((await file.stat()).size !== sizeBytes) throw new Error(`${path} was written by somebody else`)
        if (sizeBytes > wholeBytes) await file.truncate(wholeBytes)
        known = { wholeBytes, sizeBytes: -1 } // until all of it is on disk, whoever appends reads first
        for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at, wholeBytes + at)).bytesWritten
        await file.sync()
      } finally {
        await file.close()
      }
      if (wholeBytes === 0) await syncDirectory(path)
      known = { wholeBytes: wholeBytes + bytes.length, sizeBytes: wholeBytes + bytes.length }
    },
  }
}

async function contentOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0)
    throw error
  }
}

/** So that the name of a new file is on disk as well. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(dirname(path), "r")
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
