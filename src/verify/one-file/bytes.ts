/**
 * `Buffer` for places that have none: of Node's class what `format/` and `verify/` use, with the same answers (https://nodejs.org/api/buffer.html). The build of
 * the one-file verifiers puts it where the sources say `Buffer`; a test holds each member against Node's own.
 */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })
const toUtf8 = new TextEncoder()
const hexDigits = "0123456789abcdef"
const standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
const forUrls = `${standard.slice(0, -2)}-_`
const [standardCodes, forUrlsCodes] = [toUtf8.encode(standard), toUtf8.encode(forUrls)]
const padding = "=".charCodeAt(0)

/** What a letter of either alphabet stands for; 255 for every other one. */
const values = new Uint8Array(256).fill(255)
for (const alphabet of [standard, forUrls]) for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value

type Encoding = "utf8" | "latin1" | "binary" | "hex" | "base64" | "base64url"

class Bytes extends Uint8Array {
  static override from(source: string | ArrayLike<number> | Iterable<number>, encoding?: unknown): Bytes {
    if (typeof source === "string") return encoded(source, (encoding as Encoding | undefined) ?? "utf8")
    const list: ArrayLike<number> = "length" in source ? source : [...source]
    const bytes = new Bytes(list.length)
    bytes.set(list)
    return bytes
  }

  static override of(...items: number[]): Bytes {
    return Bytes.from(items)
  }

  static alloc(sizeBytes: number, fill = 0): Bytes {
    const bytes = new Bytes(sizeBytes)
    return fill === 0 ? bytes : bytes.fill(fill)
  }

  static allocUnsafe(sizeBytes: number): Bytes {
    return new Bytes(sizeBytes)
  }

  static allocUnsafeSlow(sizeBytes: number): Bytes {
    return new Bytes(sizeBytes)
  }

  static byteLength(text: string): number {
    return toUtf8.encode(text).length
  }

  /** Cut off, or filled with zeros, at `total` bytes. */
  static concat(list: readonly Uint8Array[], total = list.reduce((sum, one) => sum + one.length, 0)): Bytes {
    const bytes = new Bytes(total)
    let at = 0
    for (const one of list) {
      const part = one.length > total - at ? one.subarray(0, total - at) : one
      bytes.set(part, at)
      at += part.length
    }
    return bytes
  }

  override toString(encoding: Encoding = "utf8", start = 0, end: number = this.length): string {
    const part = start === 0 && end >= this.length ? this : this.subarray(start, Math.max(start, end))
    if (encoding === "utf8") return utf8.decode(part)
    if (encoding === "hex") return hexOf(part)
    return encoding === "base64" || encoding === "base64url" ? base64Of(part, encoding === "base64") : latin1Of(part)
  }

  /** As UTF-8, whole characters only, or as latin1; answers how many bytes were written. */
  write(text: string, at = 0, ...rest: readonly (number | Encoding)[]): number {
    const most = typeof rest[0] === "number" ? Math.min(rest[0], this.length - at) : this.length - at
    if (rest.includes("latin1") || rest.includes("binary")) {
      const count = Math.min(most, text.length)
      for (let i = 0; i < count; i++) this[at + i] = text.charCodeAt(i)
      return count
    }
    return toUtf8.encodeInto(text, this.subarray(at, at + most)).written
  }

  copy(target: Uint8Array, at = 0, start = 0, end: number = this.length): number {
    const part = this.subarray(start, Math.min(end, start + target.length - at))
    target.set(part, at)
    return part.length
  }

  /** The part of this from `start` to `end` against the part of the other one. */
  compare(other: Uint8Array, from = 0, to: number = other.length, start = 0, end: number = this.length): -1 | 0 | 1 {
    const [own, others] = [end - start, to - from]
    for (let i = 0; i < Math.min(own, others); i++) {
      const [a = 0, b = 0] = [this[start + i], other[from + i]]
      if (a !== b) return a < b ? -1 : 1
    }
    return own === others ? 0 : own < others ? -1 : 1
  }

  /** Of a byte, or of bytes one after the other. */
  override indexOf(what: number | Uint8Array, from = 0): number {
    if (typeof what === "number") return super.indexOf(what & 0xff, from)
    const first = Math.max(0, from < 0 ? this.length + from : from)
    for (let at = first; at + what.length <= this.length; at++) if (what.every((byte, index) => this[at + index] === byte)) return at
    return what.length === 0 ? Math.min(first, this.length) : -1
  }

  override includes(what: number | Uint8Array, from = 0): boolean {
    return this.indexOf(what, from) >= 0
  }

  equals(other: Uint8Array): boolean {
    return this.length === other.length && this.compare(other) === 0
  }

  readUInt16LE(at: number): number {
    return this.#view(at, 2).getUint16(0, true)
  }

  readUInt32LE(at: number): number {
    return this.#view(at, 4).getUint32(0, true)
  }

  readUInt32BE(at: number): number {
    return this.#view(at, 4).getUint32(0)
  }

  /** Of one to six bytes. */
  readUIntBE(at: number, sizeBytes: number): number {
    const view = this.#view(at, sizeBytes)
    let value = 0
    for (let i = 0; i < sizeBytes; i++) value = value * 256 + view.getUint8(i)
    return value
  }

  readBigUInt64BE(at = 0): bigint {
    return this.#view(at, 8).getBigUint64(0)
  }

  writeUInt32BE(value: number, at = 0): void {
    this.#view(at, 4).setUint32(0, value)
  }

  writeBigUInt64BE(value: bigint, at = 0): void {
    this.#view(at, 8).setBigUint64(0, value)
  }

  /** Throws a RangeError beyond the end. */
  #view(at: number, sizeBytes: number): DataView {
    if (at < 0 || at + sizeBytes > this.length) throw new RangeError("beyond the end of the bytes")
    return new DataView(this.buffer, this.byteOffset + at, sizeBytes)
  }
}

export { Bytes as Buffer }

function encoded(text: string, encoding: Encoding): Bytes {
  if (encoding === "utf8") return Bytes.from(toUtf8.encode(text))
  if (encoding === "hex") return bytesOfHex(text)
  if (encoding === "base64" || encoding === "base64url") return bytesOfBase64(text)
  const bytes = new Bytes(text.length)
  bytes.write(text, 0, "latin1")
  return bytes
}

/** Up to the first pair that is none. */
function bytesOfHex(text: string): Bytes {
  const bytes = new Bytes(text.length >> 1)
  for (let i = 0; i < bytes.length; i++) {
    const pair = text.slice(2 * i, 2 * i + 2)
    if (!/^[0-9a-fA-F]{2}$/.test(pair)) return bytes.subarray(0, i) as Bytes
    bytes[i] = Number.parseInt(pair, 16)
  }
  return bytes
}

/** Either alphabet, up to the first `=`; what is no letter of them is passed over. */
function bytesOfBase64(text: string): Bytes {
  const bytes = new Bytes(Math.ceil((text.length * 3) / 4))
  let [at, bits, held] = [0, 0, 0]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === padding) break
    const value = code < 256 ? (values[code] ?? 255) : 255
    if (value === 255) continue
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = (held >> bits) & 0xff
  }
  return bytes.subarray(0, at) as Bytes
}

function base64Of(bytes: Uint8Array, isPadded: boolean): string {
  const alphabet = isPadded ? standardCodes : forUrlsCodes
  const over = bytes.length % 3
  const codes = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(padding)
  for (let i = 0, at = 0; i < bytes.length; i += 3) {
    const all = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    codes[at++] = alphabet[all >> 18] ?? 0
    codes[at++] = alphabet[(all >> 12) & 63] ?? 0
    if (i + 1 < bytes.length) codes[at++] = alphabet[(all >> 6) & 63] ?? 0
    if (i + 2 < bytes.length) codes[at++] = alphabet[all & 63] ?? 0
  }
  return utf8.decode(isPadded || over === 0 ? codes : codes.subarray(0, codes.length - 3 + over))
}

function hexOf(bytes: Uint8Array): string {
  let text = ""
  for (const byte of bytes) text += hexDigits.charAt(byte >> 4) + hexDigits.charAt(byte & 15)
  return text
}

/** Of letters below 128, as nearly all are, the fast way; of others in pieces, since a call takes only so many arguments. */
function latin1Of(bytes: Uint8Array): string {
  const plain = utf8.decode(bytes)
  if (plain.length === bytes.length && !plain.includes("\ufffd")) return plain
  let text = ""
  for (let i = 0; i < bytes.length; i += 8_192) text += String.fromCharCode(...bytes.subarray(i, i + 8_192))
  return text
}
