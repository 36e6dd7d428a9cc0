/** Unpacks an archive of one file of many zeros and a name for each of many more: `node unpack-large.ts DIRECTORY MEGABYTES`; prints the largest resident memory. */
import { mkdirSync } from "node:fs"
import { Header } from "tar"
import { directoryMark } from "../../../src/vault/archive/pack-directory.ts"
import { unpackDirectory } from "../../../src/vault/archive/unpack-directory.ts"

if (import.meta.main) {
  const [target = "", megabytes = ""] = process.argv.slice(2)
  mkdirSync(target)
  await unpackDirectory(archive(Number(megabytes)), target, "x")
  process.stdout.write(String(process.resourceUsage().maxRSS * 1_024))
}

async function* archive(megabytes: number): AsyncGenerator<Buffer> {
  const header = (path: string, size: number) => {
    const block = Buffer.alloc(512)
    new Header({ path, size, mode: 0o600, type: "File", mtime: new Date(0) }).encode(block, 0)
    return block
  }
  yield directoryMark
  yield header("large", megabytes * 2 ** 20)
  const zeros = Buffer.alloc(2 ** 20)
  for (let i = 0; i < megabytes; i++) yield zeros
  for (let i = 0; i < megabytes * 5; i++) yield header(`small ${i}`, 0)
  yield Buffer.alloc(1_024)
}
