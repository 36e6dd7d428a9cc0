/**
 * The files of a ZIP archive whose entries are stored and not compressed, which is all that a bundle has (APPNOTE.TXT 6.3.10, 4.3 and 4.4). Read strictly: what
 * another reader could see otherwise (two directories, gaps, bytes that belong to no file, names that lead elsewhere) is refused, and nothing can expand.
 */
export type ZipFile = { readonly name: string; readonly bytes: Buffer }

const localHeader = 0x04034b50
const centralHeader = 0x02014b50
const endOfDirectory = 0x06054b50
const localBytes = 30
const centralBytes = 46
const endBytes = 22
const stored = 0
const mostEntries = 1_000
const mostEntryBytes = 64 * 1024 * 1024
const mostBytes = 512 * 1024 * 1024
/** Encrypted, sizes behind the data, patched, strongly encrypted, masked: of none of them is a stored entry what it says. UTF-8 names are. */
const refusedFlags = 0xffff & ~0x0800
/** Of a file's mode: what kind of file it is, and whether it runs as somebody else. */
const [modeKind, regular, modeSpecial] = [0xf000, 0x8000, 0x0e00]
/** Of MS-DOS: a volume's name, or a directory. */
const dosOther = 0x18
const nameShape = /^(?!\/)(?!.*\\)(?!(?:.*\/)?\.{1,2}(?:\/|$))[\x20-\x7e]{1,255}$/

type Directory = { readonly entries: number; readonly at: number; readonly sizeBytes: number }

/** All files in order of their places, or what is wrong with the archive. */
export function zipFiles(bytes: Buffer): { readonly files: readonly ZipFile[] } | { readonly problem: string } {
  if (bytes.length > mostBytes) return { problem: `it is larger than ${mostBytes} bytes` }
  const directory = directoryOf(bytes)
  if (!directory) return { problem: "it is no ZIP archive of one part without a comment" }
  if (directory.entries > mostEntries) return { problem: `it has ${directory.entries} files` }
  const files: ZipFile[] = []
  const names = new Set<string>()
  let [at, local] = [directory.at, 0]
  for (let i = 0; i < directory.entries; i++) {
    const entry = entryAt(bytes, at, directory.at, local)
    if ("problem" in entry) return entry
    if (names.has(entry.name)) return { problem: `it has ${entry.name} twice` }
    names.add(entry.name)
    files.push({ name: entry.name, bytes: entry.bytes })
    at = entry.nextCentral
    local = entry.nextLocal
  }
  if (local !== directory.at) return { problem: "it has bytes that belong to no file" }
  if (at !== directory.at + directory.sizeBytes) return { problem: "its directory is longer than its files" }
  return { files }
}

function directoryOf(bytes: Buffer): Directory | undefined {
  const end = bytes.length - endBytes
  if (end < 0 || bytes.readUInt32LE(end) !== endOfDirectory) return undefined
  const [disk, first, here, entries, comment] = [4, 6, 8, 10, 20].map((offset) => bytes.readUInt16LE(end + offset))
  const [sizeBytes = 0, at = 0] = [bytes.readUInt32LE(end + 12), bytes.readUInt32LE(end + 16)]
  if (disk !== 0 || first !== 0 || here !== entries || comment !== 0 || at + sizeBytes !== end) return undefined
  return { entries: entries ?? 0, at, sizeBytes }
}

type Entry = { readonly name: string; readonly bytes: Buffer; readonly nextCentral: number; readonly nextLocal: number }

/** The entry whose row of the directory is at `at`, and whose own header must be at `local`: files stand side by side. */
function entryAt(bytes: Buffer, at: number, end: number, local: number): Entry | { readonly problem: string } {
  if (at + centralBytes > bytes.length - endBytes || bytes.readUInt32LE(at) !== centralHeader) return { problem: "its directory is cut off" }
  const short = (offset: number) => bytes.readUInt16LE(at + offset)
  const [flags, method, nameBytes, extra, comment, disk] = [8, 10, 28, 30, 32, 34].map(short) as [number, number, number, number, number, number]
  const [crc, packed, sizeBytes, place] = [16, 20, 24, 42].map((offset) => bytes.readUInt32LE(at + offset)) as [number, number, number, number]
  const name = bytes.toString("latin1", at + centralBytes, at + centralBytes + nameBytes)
  if (!nameShape.test(name)) return { problem: "a file in it has a name that leads elsewhere" }
  if (method !== stored || packed !== sizeBytes || (flags & refusedFlags) !== 0) return { problem: `${name} is not stored as it is` }
  if (!isPlainFile(bytes.readUInt32LE(at + 38))) return { problem: `${name} is said to be no plain file` }
  if (extra !== 0 || comment !== 0 || disk !== 0 || place !== local) return { problem: `${name} is not where a bundle has it` }
  if (sizeBytes > mostEntryBytes) return { problem: `${name} is larger than ${mostEntryBytes} bytes` }
  const begin = place + localBytes + nameBytes
  if (begin + sizeBytes > end || bytes.readUInt32LE(place) !== localHeader) return { problem: `${name} is cut off` }
  // Everything the file's own header says again, its name included: a reader may go by either.
  const own = [4, 6, 8, 10, 12, 14, 18, 22].map((offset, index) => (index < 5 ? bytes.readUInt16LE(place + offset) : bytes.readUInt32LE(place + offset)))
  const told = [6, 8, 10, 12, 14, 16, 20, 24].map((offset, index) => (index < 5 ? short(offset) : bytes.readUInt32LE(at + offset)))
  const isSame = own.every((value, index) => value === told[index]) && bytes.readUInt16LE(place + 26) === nameBytes && bytes.readUInt16LE(place + 28) === 0
  if (!isSame || bytes.toString("latin1", place + localBytes, begin) !== name) return { problem: `${name} says two things of itself` }
  const content = bytes.subarray(begin, begin + sizeBytes)
  if (crc32(content) !== crc) return { problem: `${name} is not what its checksum says` }
  return { name, bytes: content, nextCentral: at + centralBytes + nameBytes, nextLocal: begin + sizeBytes }
}

/** By what the directory says besides: who unpacks a bundle has files, and no link that leads out of it. @param attributes as 4.4.15 has them. */
function isPlainFile(attributes: number): boolean {
  const mode = attributes >>> 16
  return (attributes & dosOther) === 0 && [0, regular].includes(mode & modeKind) && (mode & modeSpecial) === 0
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value >>> 0
})

function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (let at = 0; at < bytes.length; at++) value = (crcTable[(value ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (value >>> 8)
  return (value ^ 0xffffffff) >>> 0
}
