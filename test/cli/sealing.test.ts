/** vault seal and vault unseal, as people type them. */
import assert from "node:assert/strict"
import { execFileSync, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { generateIdentity, identityToRecipient } from "age-encryption"
import { temporaryLedger } from "../ledger-fixture.ts"
import { findTool, requireTool } from "../tools.ts"
import { bytesOf } from "../vault/sealed-file/plain-file.ts"
import { builtVersion } from "../writer/versions.ts"
import { cliSource, flagsOf, holds, jsonOf, makeHome, type Home } from "./home.ts"

const isPosix = process.platform !== "win32"

async function prepared(t: { after: (end: () => void) => void }) {
  const home = makeHome(t)
  const ledger = flagsOf(temporaryLedger(t))
  const place = (name: string) => join(home.directory, name)
  const write = (name: string, bytes: string | Buffer, mode = 0o600) => writeFileSync(place(name), bytes, { mode })
  const identity = await generateIdentity()
  write("identity", `# a comment\n\n${identity}\n`)
  write("recipients", `# ours\n${await identityToRecipient(identity)}\n`)
  write("other identity", await generateIdentity())
  write("passphrase", "a long passphrase\nand a line nobody reads\n")
  write("fernet", "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=\n")
  write("other fernet", `${Buffer.alloc(32).toString("base64url")}=\n`)
  write("a.txt", "what is sealed")
  const run = (...args: readonly string[]) => home.run([...args, ...ledger])
  return { home, ledger, place, write, run }
}

/** Names in a directory, those of unfinished files too. */
const namesIn = (home: Home) => readdirSync(home.directory).sort()

describe("vault seal and unseal", { concurrency: 2 }, () => {
  for (const [words, ending, sealing, opening] of [
    ["the ledger's key", ".sealed", [], []],
    ["a passphrase", ".sealed", ["--passphrase-file", "passphrase"], ["--passphrase-file", "passphrase"]],
    ["recipients of age", ".age", ["--recipients-file", "recipients"], ["--identity-file", "other identity", "--identity-file", "identity"]],
    ["a Fernet key", ".fernet", ["--fernet-key-file", "fernet"], ["--fernet-key-file", "fernet", "--ttl", "600"]],
  ] as const) {
    test(`a file and a directory, under ${words}`, async (t) => {
      const { home, place, write, run } = await prepared(t)
      const large = bytesOf(700_000, 1)
      write("b.bin", large)
      mkdirSync(place("d/inner"), { recursive: true })
      write("d/inner/file", large)
      symlinkSync("inner/file", place("d/link"))
      const sealed = jsonOf<{ sealed: readonly { format: string; file: string; isDirectory: boolean; removed: boolean }[] }>(
        await run("vault", "seal", "a.txt", "b.bin", "d/", "--json", ...sealing),
      ).sealed
      assert.deepEqual(
        sealed.map(({ file, isDirectory, removed }) => [file, isDirectory, removed]),
        [
          [place(`a.txt${ending}`), false, false],
          [place(`b.bin${ending}`), false, false],
          [place(`d${ending}`), true, false],
        ],
      )
      for (const { file } of sealed) {
        assert.doesNotMatch(readFileSync(file, "latin1"), /what is sealed|inner/)
        if (isPosix) assert.equal(statSync(file).mode & 0o777, 0o600)
      }
      mkdirSync(place("out"))
      holds(await run("vault", "unseal", ...sealed.map(({ file }) => file), "--output", "out", ...opening), {
        exit: 0,
        stdout: /a\.txt \(14 B\)\.\n.*b\.bin \(700000 B\)\.\n.*opened into the directory .*out\/d \(\d+ B\)\.\n$/s,
      })
      assert.equal(readFileSync(place("out/a.txt"), "utf8"), "what is sealed")
      assert.ok(readFileSync(place("out/b.bin")).equals(large))
      assert.ok(readFileSync(place("out/d/inner/file")).equals(large))
      assert.equal(readlinkSync(place("out/d/link")), "inner/file")
      if (isPosix)
        assert.deepEqual(
          ["out/a.txt", "out/d"].map((name) => statSync(place(name)).mode & 0o777),
          [0o600, 0o700],
        )
      // Nothing is written over, and nothing half is left.
      const before = namesIn(home)
      holds(await run("vault", "seal", "a.txt", ...sealing), { exit: 2, stderr: /a\.txt\.\w+ exists already; it was left as it is\.\nName another place/ })
      for (const { file } of sealed) holds(await run("vault", "unseal", file, "--output", "out", ...opening), { exit: 2, stderr: /exists already/ })
      for (const { file } of sealed) truncateSync(file, statSync(file).size - 20)
      for (const { file } of sealed) {
        const said = await run("vault", "unseal", file, "--output", `${file}.out`, ...opening)
        assert.match(said.stderr, /cut off|not one whole Fernet token|damaged after it was sealed|does not open under this key/)
        assert.ok(said.exit === 1 || ending === ".fernet", `${said.exit}`)
      }
      assert.deepEqual(namesIn(home), before)
      assert.deepEqual(readdirSync(place("out")).sort(), ["a.txt", "b.bin", "d"])
    })
  }

  test("the plain files go only once the sealed one holds them, and what changed meanwhile stays", async (t) => {
    const { place, write, run } = await prepared(t)
    mkdirSync(place("d/e"), { recursive: true })
    write("d/e/f", "x")
    for (const ways of [[], ["--recipients-file", "recipients"], ["--fernet-key-file", "fernet"]]) {
      write("gone", "gone")
      holds(await run("vault", "seal", "gone", "--delete", ...ways), { exit: 0, stdout: /, and removed\.\n$/ })
      assert.ok(!existsSync(place("gone")))
    }
    holds(await run("vault", "seal", "d", "--delete"), { exit: 0, stdout: /, and removed\.\n$/ })
    assert.ok(!existsSync(place("d")))
    holds(await run("vault", "unseal", "d.sealed"), { exit: 0, stdout: /./ })
    assert.equal(readFileSync(place("d/e/f"), "utf8"), "x")
    symlinkSync("a.txt", place("link"))
    holds(await run("vault", "seal", "link", "--delete"), { exit: 2, stderr: /it is a link; name what it leads to/ })
    if (findTool("mkfifo") === undefined) return
    execFileSync("mkfifo", [place("d/pipe")])
    holds(await run("vault", "seal", "d", "--delete", "--output", "with-pipe.sealed"), {
      exit: 1,
      stdout: /\.\n$/,
      stderr: /Not sealed.*pipe\nNot removed.*\/d\n$/s,
    })
    assert.deepEqual(readdirSync(place("d")), ["pipe"])
  })

  test("standard input and output, and the format is found by how a file begins", async (t) => {
    const { home, ledger, place } = await prepared(t)
    const large = bytesOf(3_000_000, 4)
    const piped = (args: readonly string[], input: Buffer) =>
      spawnSync(process.execPath, ["--no-warnings", cliSource, ...args, ...ledger], {
        input,
        cwd: home.directory,
        env: { PATH: process.env["PATH"] ?? "", HOME: home.directory },
        maxBuffer: 2 ** 26,
      })
    for (const [sealing, opening] of [
      [[], []],
      [
        ["--recipients-file", "recipients"],
        ["--identity-file", "identity"],
      ],
      [
        ["--fernet-key-file", "fernet"],
        ["--fernet-key-file", "fernet"],
      ],
    ] as const) {
      const sealed = piped(["vault", "seal", "-", ...sealing], large)
      assert.deepEqual([sealed.status, sealed.stderr.toString()], [0, ""])
      const opened = piped(["vault", "unseal", "-", ...opening], sealed.stdout)
      assert.equal(opened.stderr.toString(), "")
      assert.ok(opened.stdout.equals(large))
      writeFileSync(place("no ending"), sealed.stdout)
      holds(await home.run(["vault", "unseal", "no ending", "--output", "opened", ...opening, ...ledger]), { exit: 0, stdout: /opened into / })
      assert.ok(readFileSync(place("opened")).equals(large))
      rmSync(place("opened"))
      const bent = Buffer.from(sealed.stdout)
      bent[bent.length - 40_000] = (bent[bent.length - 40_000] ?? 0) ^ 1
      assert.notEqual(piped(["vault", "unseal", "-", ...opening], bent).status, 0)
    }
    assert.deepEqual(
      readdirSync(home.directory).filter((name) => name.startsWith(".")),
      [],
    )
  })

  test("a sealed file outlives the master key", async (t) => {
    const { home, place } = await prepared(t)
    holds(await home.run("key create"), { exit: 0, stdout: /./ })
    holds(await home.run("vault seal a.txt"), { exit: 0, stdout: /./ })
    holds(await home.run("vault rotate"), { exit: 0, stdout: /./ })
    holds(await home.run("vault unseal a.txt.sealed --output b.txt"), { exit: 0, stdout: /./ })
    assert.equal(readFileSync(place("b.txt"), "utf8"), "what is sealed")
  })

  test("says in a sentence what is wrong", async (t) => {
    const { home, place, write, run } = await prepared(t)
    await run("vault", "seal", "a.txt")
    await run("vault", "seal", "a.txt", "--recipients-file", "recipients")
    await run("vault", "seal", "a.txt", "--fernet-key-file", "fernet")
    await run("vault", "seal", "a.txt", "--passphrase-file", "passphrase", "--output", "p.sealed")
    write("wrong passphrase", "another long passphrase")
    write("bad", "no key\n")
    write("exposed", readFileSync(place("fernet")), 0o644)
    write("large", "")
    truncateSync(place("large"), 256 * 2 ** 20 + 1)
    mkdirSync(place("d"))
    const other = flagsOf(temporaryLedger(t))
    const before = namesIn(home)
    const cases: readonly (readonly [string, number, RegExp])[] = [
      ["seal missing", 2, /missing cannot be read: ENOENT/],
      ["seal d --output d/d.sealed", 2, /d cannot be sealed: the sealed file would lie in it/],
      ["seal a.txt --recipient age1x", 2, /from --recipient, is not usable: it has a line that is neither a comment nor a key/],
      ["seal a.txt --recipients-file bad", 2, /from bad, is not usable/],
      ["seal a.txt --fernet-key-file bad", 2, /a Fernet key is 32 bytes/],
      ["seal a.txt --fernet-key-file fernet --passphrase-file passphrase", 2, /a file is sealed in one way/],
      ["seal a.txt --age", 2, /--age takes recipients, or a passphrase/],
      ["seal large --fernet-key-file fernet", 2, /too large for a Fernet token: more than 268435456 bytes/],
      ["seal a.txt d --output nowhere", 2, /nowhere is no directory/],
      ["seal a.txt ./a.txt --output d", 2, /Two of them would be /],
      ["unseal a.txt", 2, /Name where a\.txt is to go/],
      ["unseal a.txt --output x", 2, /a\.txt is not a sealed file/],
      ["unseal p.sealed", 2, /takes a passphrase, which was not given\.\nName it: --passphrase-file FILE/],
      ["unseal a.txt.age --output x", 2, /takes an identity of age or a passphrase/],
      ["unseal a.txt.fernet --output x", 2, /takes a Fernet key/],
      ["unseal a.txt.sealed --output nowhere/x", 2, /Writing to \S+ failed: ENOENT|sealing-/],
    ]
    for (const [command, exit, stderr] of cases) holds(await run("vault", ...command.split(" ")), { exit, stderr })
    for (const [args, exit, stderr] of [
      [["p.sealed", "--passphrase-file", "wrong passphrase"], 2, /does not open under this key: its header was signed with another one/],
      [["a.txt.age", "--output", "x", "--identity-file", "other identity"], 2, /does not open under this key: it was sealed for other recipients/],
      [["a.txt.fernet", "--output", "x", "--fernet-key-file", "other fernet"], 2, /does not open under this key/],
      [["a.txt.fernet", "--output", "x", "--fernet-key-file", "fernet", "--ttl", "x"], 2, /--ttl takes a whole number/],
    ] as const) {
      holds(await run("vault", "unseal", ...args), { exit, stderr })
    }
    if (isPosix)
      holds(await run("vault", "unseal", "a.txt.fernet", "--output", "x", "--fernet-key-file", "exposed"), { exit: 2, stderr: /can be read by other users/ })
    holds(await home.run(["vault", "unseal", "a.txt.sealed", "--output", "x", ...other]), {
      exit: 2,
      stderr: /it takes the key of ledger \w+, and this is ledger \w+/,
    })
    assert.deepEqual(namesIn(home), before)
    const json = await run("vault", "unseal", "a.txt", "--output", "x", "--json")
    assert.equal(jsonOf<{ error: { code: string } }>(json).error.code, "sealed.not-sealed")
    const both = jsonOf<{ error: { message: string } }>(await run("vault", "seal", "-", "--json"))
    assert.match(both.error.message, /^--json and the bytes of a file cannot both/)
  })

  test("leaves nothing behind on a disk that is full, nor when it is interrupted", isPosix ? {} : { skip: "Windows has no limits of files" }, async (t) => {
    const { home, ledger, place, write } = await prepared(t)
    write("large", bytesOf(20_000_000, 1))
    const environment = { PATH: process.env["PATH"] ?? "", HOME: home.directory }
    const limited = (words: string) =>
      spawnSync("sh", ["-c", `ulimit -f 4000; exec "$0" --no-warnings "${cliSource}" vault ${words} "$@"`, process.execPath, ...ledger], {
        cwd: home.directory,
        env: environment,
        encoding: "utf8",
      })
    holds({ ...(await home.run(["vault", "seal", "large", ...ledger])) }, { exit: 0, stdout: /./ })
    const before = namesIn(home)
    for (const words of ["seal large --output x", "seal large --output x --recipients-file recipients", "unseal large.sealed --output x"]) {
      const { status, stderr } = limited(words)
      assert.deepEqual([status, /There is no room for \S+: EFBIG/.test(stderr)], [2, true], `${words}: ${stderr}`)
    }
    assert.deepEqual(namesIn(home), before)
    const child = spawn(process.execPath, ["--no-warnings", cliSource, "vault", "seal", "-", "--output", "x", ...ledger], {
      cwd: home.directory,
      env: environment,
      stdio: ["pipe", "ignore", "inherit"],
    })
    child.stdin.on("error", () => {}) // it is killed while it reads
    child.stdin.write(bytesOf(1_000_000, 1))
    while (!namesIn(home).some((name) => name.startsWith(".sealing-"))) await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill("SIGTERM")
    const [status] = (await once(child, "close")) as [number | null]
    assert.equal(status, 143)
    assert.deepEqual(namesIn(home), before)
    assert.ok(!existsSync(place("x")))
  })

  test("what it writes another user cannot read", process.getuid?.() === 0 ? requireTool("setpriv") : { skip: "only root can be somebody else" }, async (t) => {
    const { home, place, write, run } = await prepared(t)
    mkdirSync(place("d"))
    write("d/open", "for everybody", 0o644)
    execFileSync("chmod", ["0755", home.directory, join(home.directory, "..")])
    await run("vault", "seal", "a.txt", "d")
    mkdirSync(place("out"), { mode: 0o755 })
    await run("vault", "unseal", "a.txt.sealed", "d.sealed", "--output", "out")
    assert.equal(statSync(place("out/d/open")).mode & 0o777, 0o644)
    const reads = (path: string) => spawnSync("setpriv", ["--reuid=64123", "--regid=64123", "--clear-groups", "cat", path], { encoding: "utf8" })
    write("readable", "x", 0o644)
    assert.equal(reads(place("readable")).stdout, "x", "the other user is able to read what he may")
    for (const name of ["a.txt.sealed", "d.sealed", "out/a.txt", "out/d/open"]) assert.match(reads(place(name)).stderr, /Permission denied/, name)
  })
})

describe("the built command", () => {
  const home = makeHome({ after })
  const ledger = flagsOf(temporaryLedger({ after }))

  test("seals and opens, knows its faults, and the gateway's part has nothing of it", async () => {
    const { cli, directory } = await builtVersion("1.2.3")
    mkdirSync(join(home.directory, "d"))
    writeFileSync(join(home.directory, "d/file"), "x")
    writeFileSync(join(home.directory, "recipient"), await identityToRecipient(await generateIdentity()))
    const run = (...args: readonly string[]) => home.start([...args, ...ledger], [process.execPath, "--no-warnings", cli]).ended
    holds(await run("vault", "seal", "d"), { exit: 0, stdout: /d sealed into \S+d\.sealed/ })
    holds(await run("vault", "unseal", "d.sealed", "--output", "e"), { exit: 0, stdout: /opened into the directory/ })
    assert.equal(readFileSync(join(home.directory, "e/file"), "utf8"), "x")
    holds(await run("vault", "seal", "d", "--recipients-file", "recipient"), { exit: 0, stdout: /d\.age/ })
    holds(await run("vault", "seal", "d"), { exit: 2, stderr: /^\S+d\.sealed exists already; it was left as it is\.\nName another place/ })
    for (const part of ["plugin.mjs", "main.mjs"]) assert.doesNotMatch(readFileSync(join(directory, part), "utf8"), /age-encryption\.org|TAR_BAD_ARCHIVE/, part)
    assert.match(readFileSync(join(directory, "sealed-files.mjs"), "utf8"), /age-encryption\.org/)
  })
})
