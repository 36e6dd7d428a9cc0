/** Sealed directories: what is packed comes back, and an archive that somebody else made writes nothing outside, through a link, or over anything. */
import assert from "node:assert/strict"
import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import fc from "fast-check"
import { Header, type HeaderData } from "tar"
import { Fault } from "../../../src/base/fault.ts"
import { innerPath, staysInside } from "../../../src/vault/archive/names.ts"
import { directoryMark, packDirectory } from "../../../src/vault/archive/pack-directory.ts"
import { unpackDirectory } from "../../../src/vault/archive/unpack-directory.ts"
import { temporaryDirectory, type Ending } from "../../ledger-fixture.ts"
import { requireTool } from "../../tools.ts"
import { bytesOf } from "../sealed-file/plain-file.ts"

const refusedAs = (code: string) => (error: unknown) => error instanceof Fault && error.code === code
const mtime = new Date(1_700_000_000_000)

function tree(t: Ending): string {
  const root = join(temporaryDirectory(t), "tree")
  mkdirSync(join(root, "deep/er"), { recursive: true })
  mkdirSync(join(root, "closed"))
  writeFileSync(join(root, "empty"), "")
  writeFileSync(join(root, "deep/file"), bytesOf(300_000, 1))
  writeFileSync(join(root, `deep/er/${"ä".repeat(120)}`), "a long name")
  writeFileSync(join(root, "deep/script"), "#!/bin/sh\n")
  chmodSync(join(root, "deep/script"), 0o4755)
  linkSync(join(root, "deep/file"), join(root, "twice"))
  symlinkSync("../file", join(root, "deep/er/link"))
  symlinkSync("nowhere", join(root, "dangling"))
  chmodSync(join(root, "closed"), 0o500)
  for (const name of ["empty", "deep/file", "deep/er", "deep"]) utimesSync(join(root, name), mtime, mtime)
  return root
}

const packed = async (root: string, skipped: string[] = []) => collected(packDirectory(root, { skipped: (path) => skipped.push(path) }))

async function collected(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of source) all.push(Buffer.from(piece))
  return Buffer.concat(all)
}

async function* pieces(bytes: Buffer, pieceBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

/** Every name below, with what it is, its mode and its content. */
function listing(root: string, below = ""): readonly string[] {
  return readdirSync(join(root, below))
    .sort()
    .flatMap((name) => {
      const path = join(below, name)
      const stat = lstatSync(join(root, path))
      const content = stat.isSymbolicLink() ? readlinkSync(join(root, path)) : stat.isFile() ? readFileSync(join(root, path)).toString("base64") : ""
      const line = `${path} ${stat.isDirectory() ? "directory" : stat.isFile() ? "file" : "link"} ${(stat.mode & 0o777).toString(8)} ${Math.floor(stat.mtimeMs / 1_000)} ${content}`
      return stat.isDirectory() ? [line, ...listing(root, path)] : [line]
    })
}

function entry(data: HeaderData, content = ""): Buffer {
  const block = Buffer.alloc(512)
  new Header({ mode: 0o644, size: content.length, mtime, ...data }).encode(block, 0)
  return Buffer.concat([block, Buffer.from(content)], 512 + Math.ceil(content.length / 512) * 512)
}

const archive = (...entries: readonly Buffer[]) => Buffer.concat([directoryMark, ...entries, Buffer.alloc(1_024)])

describe("a directory", () => {
  test("comes back as it was, in pieces of any size", async (t) => {
    const root = tree(t)
    const bytes = await packed(root)
    assert.ok(bytes.subarray(0, directoryMark.length).equals(directoryMark))
    for (const pieceBytes of [511, 512, 513, 700, 65_536, bytes.length]) {
      const target = temporaryDirectory(t)
      await unpackDirectory(pieces(bytes, pieceBytes), target, "x")
      assert.deepEqual(listing(target), listing(root), `in pieces of ${pieceBytes}`)
      assert.equal(statSync(join(target, "twice")).ino, statSync(join(target, "deep/file")).ino)
      assert.equal(statSync(join(target, "deep/script")).mode & 0o7777, 0o755, "nothing runs as somebody else")
      assert.equal(statSync(target).mode & 0o777, 0o700)
    }
  })

  test("opens with any tar program, and one of tar's opens here", requireTool("tar"), async (t) => {
    const root = tree(t)
    const target = temporaryDirectory(t)
    execFileSync("tar", ["xpf", "-", "-C", target], { input: await packed(root) })
    assert.deepEqual(listing(target), listing(root))
    for (const format of ["pax", "gnu", "ustar"]) {
      const again = temporaryDirectory(t)
      const names = format === "ustar" ? ["--exclude=deep/er/*"] : []
      const theirs = execFileSync("tar", [`--format=${format}`, ...names, "-c", "-C", root, "."], { maxBuffer: 2 ** 26 })
      await unpackDirectory(pieces(theirs, 1_000), again, "x")
      if (format !== "ustar") assert.deepEqual(listing(again), listing(root), format)
    }
  })

  test("with a link that leads outside is not sealed, and what is no file is told of", requireTool("mkfifo"), async (t) => {
    for (const target of ["/etc/passwd", "../outside", "deep/../../outside"]) {
      const root = tree(t)
      symlinkSync(target, join(root, "bad"))
      await assert.rejects(packed(root), refusedAs("sealed.not-sealable"), target)
    }
    const root = tree(t)
    execFileSync("mkfifo", [join(root, "pipe")])
    const skipped: string[] = []
    await packed(root, skipped)
    assert.deepEqual(skipped, [join(root, "pipe")])
  })

  test("whose file becomes shorter while it is read is not sealed", async (t) => {
    const root = tree(t)
    writeFileSync(join(root, "zz"), Buffer.alloc(8_000_000))
    const reading = async () => {
      let bytes = 0
      for await (const piece of packDirectory(root, { skipped: () => {} })) if ((bytes += piece.length) > 1_000_000) writeFileSync(join(root, "zz"), "short")
    }
    await assert.rejects(reading, refusedAs("sealed.changing"))
  })
})

describe("an archive that somebody else made", () => {
  const outside = "OUTSIDE"
  for (const [words, ...entries] of [
    ["has an absolute name", entry({ path: "/tmp/OUTSIDE", type: "File" }, "x")],
    ["has a name that climbs", entry({ path: "../OUTSIDE", type: "File" }, "x")],
    ["has a name that climbs in its middle", entry({ path: "a", type: "Directory" }), entry({ path: "a/../../OUTSIDE", type: "File" }, "x")],
    ["has a link to an absolute place", entry({ path: "l", type: "SymbolicLink", linkpath: "/etc" })],
    ["has a link that climbs", entry({ path: "l", type: "SymbolicLink", linkpath: "../" })],
    [
      "climbs over a link to itself",
      entry({ path: "d", type: "SymbolicLink", linkpath: "." }),
      entry({ path: "l", type: "SymbolicLink", linkpath: "d/../OUTSIDE" }),
    ],
    [
      "writes through a link",
      entry({ path: "d", type: "Directory" }),
      entry({ path: "l", type: "SymbolicLink", linkpath: "d" }),
      entry({ path: "l/file", type: "File" }, "x"),
    ],
    [
      "writes over a link",
      entry({ path: "f", type: "File" }, "x"),
      entry({ path: "l", type: "SymbolicLink", linkpath: "f" }),
      entry({ path: "l", type: "File" }, "y"),
    ],
    ["has a name twice", entry({ path: "f", type: "File" }, "x"), entry({ path: "f", type: "File" }, "y")],
    ["has a directory twice", entry({ path: "d", type: "Directory" }), entry({ path: "d", type: "Directory" })],
    ["has a hard link to the outside", entry({ path: "l", type: "Link", linkpath: "../OUTSIDE" })],
    ["has a hard link to an absolute place", entry({ path: "l", type: "Link", linkpath: "/etc/passwd" })],
    ["has a hard link to nothing", entry({ path: "l", type: "Link", linkpath: "f" })],
    ["has a hard link to a link", entry({ path: "l", type: "SymbolicLink", linkpath: "f" }), entry({ path: "h", type: "Link", linkpath: "l" })],
    ["has a device", entry({ path: "null", type: "CharacterDevice" })],
    ["has a pipe", entry({ path: "pipe", type: "FIFO" })],
    ["has an entry of no kind", entry({ path: "f", type: "File" }).fill("Q", 156, 157)],
    ["has a header that was changed", entry({ path: "f", type: "File" }).fill("g", 0, 1)],
    ["has a file without its directory", entry({ path: "d/f", type: "File" }, "x")],
    ["ends in the middle of a file", entry({ path: "f", type: "File", size: 5_000_000 }, "x")],
    ["has a size that is no number of bytes", entry({ path: "f", type: "File" }, "x").fill(0xff, 124, 136)],
  ] as const) {
    test(`and ${words} is refused`, async (t) => {
      const parent = temporaryDirectory(t)
      const target = join(parent, "target")
      mkdirSync(target)
      await assert.rejects(unpackDirectory(pieces(archive(...entries), 1_000), target, "x"), refusedAs("sealed.unsafe-archive"))
      assert.deepEqual(readdirSync(parent), ["target"])
      assert.throws(() => lstatSync(`/tmp/${outside}`))
    })
  }

  test("is unpacked in constant memory, whatever its size", (t) => {
    const script = join(import.meta.dirname, "unpack-large.ts")
    const peak = (megabytes: number) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, ["--no-warnings", script, join(temporaryDirectory(t), "out"), String(megabytes)], {
        encoding: "utf8",
      })
      assert.equal(status, 0, stderr)
      return Number(stdout)
    }
    const [small, large] = [peak(16), peak(400)]
    assert.ok(large - small < 64 * 2 ** 20, `${small} bytes for 16 MB, ${large} for 400 MB`)
  })
})

describe("names", () => {
  test("never lead outside, however they are written", () => {
    const part = fc.constantFrom("..", ".", "", "a", "b", "...", "a b", "\0", "ä")
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.boolean(), (parts, isAbsolute) => {
        const path = innerPath((isAbsolute ? "/" : "") + parts.join("/"))
        if (path === undefined) return
        assert.ok(!path.startsWith("/") && !path.split("/").includes("..") && !path.includes("\0"), path)
      }),
    )
    for (const [link, target, isInside] of [
      ["l", "a", true],
      ["a/l", "../b", true],
      ["a/l", "../../b", false],
      ["a/l", "..", true],
      ["l", "..", false],
      ["l", ".", true],
      ["l", "a/..", false],
      ["l", "", false],
      ["a/b/l", "../../c/d", true],
      ["l", "./a", true],
    ] as const) {
      assert.equal(staysInside(link, target), isInside, `${link} -> ${target}`)
    }
  })
})
