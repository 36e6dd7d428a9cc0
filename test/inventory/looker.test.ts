/** One look after the other, by hand: what is bounded, what may not be read, and what is told of both. */
import assert from "node:assert/strict"
import { chmodSync, lstatSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { readHostConfig } from "../../src/inventory/host-places.ts"
import { noRecords } from "../../src/inventory/host-store.ts"
import { DirectoryWatches } from "../../src/inventory/watch/directory-watches.ts"
import { listingOf } from "../../src/inventory/watch/listing.ts"
import { Looker, type LookerOptions } from "../../src/inventory/watch/looker.ts"
import { watchedOf } from "../../src/inventory/watch/watched-places.ts"
import { until } from "../writer/rig.ts"
import { hostHome, type HostHome } from "./host-home.ts"
import { changesIn, pseudonym } from "./watch-rig.ts"

const minuteMs = 60_000

function lookingAt(
  home: HostHome,
  { mostFiles = 50_000, own = [], ...options }: Partial<LookerOptions> & { readonly mostFiles?: number; readonly own?: readonly string[] } = {},
) {
  const looker = new Looker({ pseudonym, onRecord: { groups: [], files: [] }, ...options })
  const rules = { patterns: ["~/tree/**"], ignore: [] }
  return (atMs: number) => {
    const config = readHostConfig(home.configFile) ?? {}
    return looker.look(listingOf(watchedOf(home, config, noRecords, rules, own), mostFiles), atMs)
  }
}

const gaps = (events: readonly { readonly type: string; readonly facts: object }[]) =>
  events.flatMap(({ type, facts }) => (type === "capture.gap" ? [facts as { readonly reason: string; readonly count: number }] : []))

function tree(home: HostHome, files: number): string {
  const directory = join(home.home, "tree")
  for (let n = 0; n < files; n++) {
    if (n % 100 === 0) mkdirSync(join(directory, `${n / 100}`), { recursive: true })
    writeFileSync(join(directory, `${Math.floor(n / 100)}`, `${n}.txt`), `file ${n}\n`)
  }
  return directory
}

/** As somebody who may not do everything: root may read what nobody may. */
function asOrdinaryUser<T>(act: () => T): T {
  if (process.getuid?.() !== 0) return act()
  process.seteuid?.(65_534)
  try {
    return act()
  } finally {
    process.seteuid?.(0)
  }
}

describe("a look", () => {
  test("at ten thousand files is forty entries the first time, and none the second, which reads no file", (t) => {
    const home = hostHome(t)
    const directory = tree(home, 10_000)
    const look = lookingAt(home)
    const first = look(0)
    assert.equal(first.events.length, Math.ceil(10_001 / 250))
    const counts = first.events.map(({ facts }) => (facts as { readonly count: number; readonly last: boolean }).count)
    assert.equal(
      counts.reduce((a, b) => a + b, 0),
      10_001,
    )
    assert.deepEqual(first.events.map(({ facts }) => (facts as { readonly last: boolean }).last).indexOf(true), first.events.length - 1)
    assert.deepEqual(look(1_000), { events: [], again: false })
    writeFileSync(join(directory, "7", "777.txt"), "otherwise\n")
    assert.deepEqual(
      changesIn(look(2_000).events).map(({ change, path }) => [change, path]),
      [["modified", join(directory, "7", "777.txt")]],
    )
  })

  test("records a burst up to a bound, the rest when there is room, and counts what others came over meanwhile", (t) => {
    const home = hostHome(t)
    tree(home, 10)
    const look = lookingAt(home, { mostAMinute: 4 })
    look(0)
    const change = (round: number) => {
      for (let n = 0; n < 10; n++) writeFileSync(join(home.home, "tree", "0", `${n}.txt`), `round ${round}\n`)
    }
    change(1)
    const burst = look(1_000)
    assert.deepEqual([changesIn(burst.events).length, burst.again], [4, true])
    change(2)
    const second = look(2_000)
    assert.deepEqual(
      [changesIn(second.events).length, gaps(second.events).map(({ reason, count }) => [reason, count])],
      [0, [["files changed faster than they are recorded", 6]]],
    )
    const later = look(minuteMs)
    assert.equal(changesIn(later.events).length, 4)
    const [third, fourth] = [look(2 * minuteMs), look(3 * minuteMs)]
    assert.deepEqual([changesIn(third.events).length, changesIn(fourth.events).length, fourth.again], [4, 2, false])
  })

  test("tells of what may not be read, as a gap, and takes nothing for gone because of it", (t) => {
    const home = hostHome(t)
    for (const directory of [home.home, home.stateDirectory, home.workspace]) chmodSync(directory, 0o755)
    const [soul, skill] = [home.write(join(home.workspace, "SOUL.md"), "kind\n"), home.skill(join(home.workspace, "skills"), "closed")]
    const look = lookingAt(home)
    const first = asOrdinaryUser(() => look(0))
    assert.equal(gaps(first.events).length, 0)
    chmodSync(soul, 0)
    chmodSync(skill, 0)
    writeFileSync(soul, "changed by who may\n")
    const blind = asOrdinaryUser(() => look(1_000))
    assert.deepEqual(
      gaps(blind.events).map(({ reason, count }) => [reason, count]),
      [["watched files that may not be read", 2]],
    )
    assert.deepEqual(asOrdinaryUser(() => look(2_000)).events, [], "once")
    chmodSync(soul, 0o644)
    chmodSync(skill, 0o755)
    assert.deepEqual(
      changesIn(asOrdinaryUser(() => look(3_000)).events).map(({ change, path }) => [change, path]),
      [["modified", soul]],
    )
  })

  test("says how many files are too many, and takes none of them for gone", (t) => {
    const home = hostHome(t)
    tree(home, 30)
    const look = lookingAt(home, { mostFiles: 20 })
    assert.deepEqual(
      gaps(look(0).events).map(({ reason, count }) => [reason, count]),
      [["more files than are watched", 11]],
    )
    assert.deepEqual(look(1_000).events, [])
  })

  test("never goes into the ledger's own directory", (t) => {
    const home = hostHome(t)
    const own = join(home.home, "tree", "ledger")
    home.write(join(own, "journal.db"), "itself\n")
    const look = lookingAt(home, { own: [own] })
    look(0)
    home.write(join(own, "journal.db"), "told of itself for ever\n")
    assert.deepEqual(look(1_000), { events: [], again: false })
  })

  test("finds a change that leaves size and time as they were", (t) => {
    const home = hostHome(t)
    const soul = join(home.workspace, "SOUL.md")
    const put = (text: string) => {
      home.write(soul, text)
      utimesSync(soul, 1_000, 1_000)
    }
    put("kind\n")
    const look = lookingAt(home)
    look(0)
    put("mean\n")
    assert.deepEqual(
      changesIn(look(1_000).events).map(({ change, path }) => [change, path]),
      [["modified", soul]],
    )
  })

  test("does not take a file for gone that is back at the next one, and tells of one that is not", (t) => {
    const home = hostHome(t)
    const soul = home.write(join(home.workspace, "SOUL.md"), "kind\n")
    const look = lookingAt(home)
    look(0)
    home.remove(soul)
    assert.deepEqual(look(1_000), { events: [], again: true })
    home.write(soul, "kind\n")
    assert.deepEqual(look(2_000), { events: [], again: false })
    home.remove(soul)
    look(3_000)
    assert.deepEqual(
      changesIn(look(4_000).events).map(({ change, path }) => [change, path]),
      [["removed", soul]],
    )
  })
})

test("a directory that was removed and made again is watched anew", async (t) => {
  const home = hostHome(t)
  const directory = join(home.home, "again")
  let hints = 0
  const watches = new DirectoryWatches(() => void hints++)
  t.after(() => watches.close())
  const follow = () => watches.follow(new Map([[directory, lstatSync(directory, { bigint: true }).ino]]), [])
  mkdirSync(directory)
  const first = lstatSync(directory).ino
  assert.equal(follow(), true)
  rmSync(directory, { recursive: true })
  mkdirSync(join(home.home, "takes-the-inode"))
  mkdirSync(directory)
  assert.notEqual(lstatSync(directory).ino, first, "another one, as the test is about")
  assert.equal(follow(), true)
  hints = 0
  home.write(join(directory, "file"), "new\n")
  await until(() => hints > 0, "the new one is watched")
})
