/** A small disk that is full: a file system of its own, mounted for one test, and a file that takes all of it. */
import assert from "node:assert/strict"
import { closeSync, fstatSync, ftruncateSync, openSync, rmSync, statfsSync, writeSync } from "node:fs"
import { join } from "node:path"
import type { Rig } from "./rig.ts"

export const asRootOnLinux = process.platform === "linux" && process.getuid?.() === 0 ? {} : { skip: "needs root on Linux, to mount a small disk" }

/** Takes all the space there is, but for some bytes; the returned function gives it back. */
export function fillDisk(rig: Rig, leftBytes = 0): () => void {
  return fillDirectory(rig.directory, leftBytes)
}

export function fillDirectory(directory: string, leftBytes = 0): () => void {
  const path = join(directory, "filler")
  const file = openSync(path, "w")
  for (const size of [65_536, 4_096, 1]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size))
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error
    }
  }
  ftruncateSync(file, fstatSync(file).size - leftBytes)
  closeSync(file)
  assert.ok(statfsSync(directory).bavail * 4096 <= leftBytes)
  return () => rmSync(path)
}
