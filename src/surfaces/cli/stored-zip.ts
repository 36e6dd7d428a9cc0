/** A ZIP archive of files that are stored as they are (APPNOTE.TXT 6.3.10), each with one time of change, in the order they are given. */
import { crc32 } from "node:zlib"

const localSignature = 0x04034b50
const centralSignature = 0x02014b50
const endSignature = 0x06054b50
const localBytes = 30
const centralBytes = 46
const endBytes = 22
/** What a reader must know: plain files. */
const version = 20

export function storedZip(files: readonly { readonly name: string; readonly bytes: Buffer }[], timeMs: number): Buffer {
  const [locals, centrals]: [Buffer[], Buffer[]] = [[], []]
  let at = 0
  for (const { name, bytes } of files) {
    const title = Buffer.from(name, "latin1")
    const about = aboutFile(bytes, title.length, timeMs)
    const local = Buffer.alloc(localBytes)
    local.writeUInt32LE(localSignature, 0)
    about.copy(local, 4)
    const central = Buffer.alloc(centralBytes)
    central.writeUInt32LE(centralSignature, 0)
    central.writeUInt16LE(version, 4)
    about.copy(central, 6)
    central.writeUInt32LE(at, 42)
    locals.push(local, title, bytes)
    centrals.push(central, title)
    at += localBytes + title.length + bytes.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(endBytes)
  end.writeUInt32LE(endSignature, 0)
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...locals, directory, end])
}

/** What both headers say of a file: version, flags, method, time, date, checksum, two sizes and the length of its name. */
function aboutFile(bytes: Buffer, nameBytes: number, timeMs: number): Buffer {
  const about = Buffer.alloc(26)
  const time = new Date(timeMs)
  about.writeUInt16LE(version, 0)
  about.writeUInt16LE((time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1), 6)
  about.writeUInt16LE(((time.getUTCFullYear() - 1980) << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate(), 8)
  about.writeUInt32LE(crc32(bytes), 10)
  about.writeUInt32LE(bytes.length, 14)
  about.writeUInt32LE(bytes.length, 18)
  about.writeUInt16LE(nameBytes, 22)
  return about
}
