/** Paths that an agent names, by an agent that wants out: into its directory, or into nothing. */
import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { after, afterEach, describe, test, type TestContext } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { readConfined, writeConfined } from "../../src/surfaces/agent-tools/confined.ts"
import { ownDirectory } from "./session-ledger.ts"

const mostBytes = 1_000
const one = { name: "one.txt", bytes: Buffer.from("what is written") }
const secret = "a secret that is outside"

describe("an agent's paths", () => {
  const top = ownDirectory({ after })
  const [root, outside] = [join(top, "workspace"), join(top, "outside")]
  for (const directory of [root, outside, join(root, "sub"), join(root, "sub", "deeper")]) mkdirSync(directory)
  writeFileSync(join(outside, "secret.txt"), secret)
  writeFileSync(join(root, "sub", "own.txt"), "its own")
  const began = process.cwd()

  const read = (path: string, names: readonly string[] = []) => readConfined(root, path, mostBytes, names)
  const write = (path: string) => writeConfined(root, path, [one])
  const refused = (run: () => unknown, words: RegExp, message?: string) =>
    assert.throws(run, (error) => error instanceof Fault && error.code === "tool.refused" && words.test(error.message) && error.remedy !== "", message)

  afterEach(() => {
    assert.equal(process.cwd(), began, "the process is where it was")
    assert.deepEqual(readdirSync(outside), ["secret.txt"], "nothing came to be outside")
    assert.equal(readFileSync(join(outside, "secret.txt"), "utf8"), secret)
  })

  test("a file and a directory below are read and written, by whatever way they are spelt", () => {
    for (const path of ["sub/own.txt", "./sub//own.txt", join(root, "sub/own.txt")]) {
      const found = read(path)
      assert.ok("bytes" in found)
      assert.equal(String(found.bytes), "its own")
    }
    const files = read("sub", ["own.txt", "not-there.txt", "deeper"])
    assert.ok("files" in files)
    assert.deepEqual(
      [...files.files].map(([name, bytes]) => [name, String(bytes)]),
      [["own.txt", "its own"]],
    )
    assert.equal(write("sub/new/"), "sub/new")
    assert.equal(readFileSync(join(root, "sub/new/one.txt"), "utf8"), "what is written")
    assert.deepEqual([statSync(join(root, "sub/new")).mode & 0o777, statSync(join(root, "sub/new/one.txt")).mode & 0o777], [0o700, 0o600])
  })

  test("what leads elsewhere by its words is refused", () => {
    const ways = [
      ...["../outside", "sub/../../outside", "..", "sub/..", `${root}/../outside`, `${root}-2/x`, "/", "/etc/passwd", `/${root.slice(0, 3)}`, outside],
      ...["~/x", "~root/x", "sub\\..\\x", "C:\\x", "a\u0000b", "a\nb", "x".repeat(256), Array.from({ length: 33 }, () => "d").join("/")],
    ]
    for (const path of ways) {
      const words = /does not lie below|has \.\. in it|is no path/
      refused(() => read(path), words, path)
      refused(() => write(path), words, path)
    }
    for (const path of ["", ".", "./", root]) refused(() => write(path), /is the directory of this session itself|does not lie below/, path)
  })

  test("a link is followed nowhere: not at the end, not on the way, not where it leads to nothing, and not back inside", () => {
    const links: readonly (readonly [string, string])[] = [
      ["to-outside", outside],
      ["to-file", join(outside, "secret.txt")],
      ["to-nothing", join(outside, "not-there")],
      ["to-sub", join(root, "sub")],
      ["to-proc", "/proc/self/cwd"],
    ]
    for (const [name, target] of links) symlinkSync(target, join(root, name))
    for (const [name] of links) {
      refused(() => read(name, ["secret.txt", "own.txt"]), /cannot be used: a link/, name)
      refused(() => read(`${name}/secret.txt`), /cannot be used/, name)
      refused(() => write(name), /exists already/, name)
      refused(() => write(`${name}/new`), /cannot be used/, name)
      assert.ok(lstatSync(join(root, name)).isSymbolicLink())
    }
    symlinkSync(join(outside, "secret.txt"), join(root, "sub", "deeper", "inner"))
    refused(() => read("sub/deeper", ["inner"]), /a link/)
  })

  test("nothing is replaced, and nothing is made on the way", () => {
    mkdirSync(join(root, "taken"))
    writeFileSync(join(root, "taken", "one.txt"), "was there")
    for (const path of ["taken", "taken/one.txt", "sub/own.txt"]) refused(() => write(path), /exists already|cannot be used/)
    refused(() => write("not/there/yet"), /is not there/)
    assert.deepEqual([readFileSync(join(root, "taken", "one.txt"), "utf8"), existsSync(join(root, "not"))], ["was there", false])
  })

  test("half of what was to be written is taken back", () => {
    refused(() => writeConfined(root, "half", [one, one]), /exists already/)
    assert.ok(!existsSync(join(root, "half")))
  })

  test("what is no plain file, has a second name or is too large is not read, and none of it keeps anybody waiting", () => {
    execFileSync("mkfifo", [join(root, "pipe")])
    linkSync(join(outside, "secret.txt"), join(root, "second-name"))
    writeFileSync(join(root, "huge"), "")
    truncateSync(join(root, "huge"), 1_000_000_000_000)
    refused(() => read("pipe"), /is no plain file/)
    refused(() => read("second-name"), /has a second name/)
    refused(() => read("huge"), /is larger than 1,000 bytes/)
    refused(() => read("not-there"), /is not there/)
    rmSync(join(root, "second-name"))
  })

  /** Does something right before the process enters its nth directory, or right after. */
  const atEntering = ({ mock }: TestContext, nth: number, when: "before" | "after", act: () => void): void => {
    const real = process.chdir.bind(process)
    let entered = 0
    mock.method(process, "chdir", (directory: string) => {
      const isIt = ++entered === nth
      if (isIt && when === "before") act()
      real(directory)
      if (isIt && when === "after") act()
    })
  }
  const swap = (name: string): void => {
    renameSync(join(root, name), join(root, `${name}-moved`))
    symlinkSync(outside, join(root, name))
  }
  const swapBack = (name: string): void => {
    rmSync(join(root, name))
    renameSync(join(root, `${name}-moved`), join(root, name))
  }

  test("a directory that becomes a link between its opening and its entering is not entered", (t) => {
    atEntering(t, 2, "before", () => swap("sub"))
    refused(() => write("sub/raced"), /was exchanged while it was entered/)
    t.mock.restoreAll()
    swapBack("sub")
    atEntering(t, 2, "before", () => swap("sub"))
    refused(() => read("sub/secret.txt"), /was exchanged/)
    t.mock.restoreAll()
    swapBack("sub")
    assert.ok(!existsSync(join(root, "sub", "raced")))
  })

  test("one that becomes a link after it was entered is written to where it is by then", (t) => {
    atEntering(t, 2, "after", () => swap("sub"))
    write("sub/late")
    t.mock.restoreAll()
    assert.equal(readFileSync(join(root, "sub-moved", "late", "one.txt"), "utf8"), "what is written")
    swapBack("sub")
    atEntering(t, 2, "after", () => swap("sub"))
    refused(() => read("sub/secret.txt"), /is not there/)
    t.mock.restoreAll()
    swapBack("sub")
  })

  test("nor does it help to exchange the new directory itself", (t) => {
    atEntering(t, 2, "before", () => swap("fresh"))
    refused(() => write("fresh"), /was exchanged/)
    t.mock.restoreAll()
    swapBack("fresh")
    assert.deepEqual(readdirSync(join(root, "fresh")), [])
  })

  test("a directory that lies elsewhere by the operator's own link is that directory", () => {
    const link = join(top, "by-link")
    symlinkSync(root, link)
    const found = readConfined(link, join(link, "sub/own.txt"), mostBytes)
    assert.ok("bytes" in found && String(found.bytes) === "its own")
    assert.equal(dirname(writeConfined(link, "sub/through", [one])), "sub")
  })
})
