/** The collector as its unit starts it: as the writer's user, with one right, on a home that is another user's and read-only. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { LiveHost } from "../history/live-host.ts"
import { afterFlag, deployFiles, startWords, unitLines, valuesOf } from "../deploy-files.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { canBeMachine, makeMachine } from "./machine.ts"

const unit = unitLines(deployFiles.collect)
const words = startWords(deployFiles.collect)
const home = afterFlag(words, "--openclaw-home")
const places = ["--data-dir", "--key-file"].flatMap((flag) => [flag, afterFlag(words, flag)])

test("the collector's line, beside the writer's", canBeMachine(), async (t) => {
  const host = new LiveHost(temporaryDirectory(t), 4)
  host.callInStore("one")
  host.callInFile("old")
  const machine = await makeMachine(t)
  // The host's files are its user's alone, and the unit binds them where its line looks.
  machine.shell(
    `mount -t tmpfs tmpfs /srv; mkdir ${home}; chmod -R go= ${host.home}; chown -R openclaw ${host.home}; mount --bind ${host.home} ${home}; mount -o remount,ro,bind ${home}`,
  )
  const [user = "", group = ""] = [valuesOf(unit, "User")[0], valuesOf(unit, "Group")[0]]
  const right = (valuesOf(unit, "AmbientCapabilities")[0] ?? "").replace("CAP_", "").toLowerCase()
  const asUser = `setpriv --reuid=${user} --regid=${group} --clear-groups`
  const withRight = `${asUser} --no-new-privs --inh-caps=-all,+${right} --ambient-caps=-all,+${right} --bounding-set=-all,+${right}`
  machine.shell(`${asUser} sovereign-ledger key create ${places.join(" ")} >/dev/null`)
  await machine.start()
  const told = machine.shell(`${withRight} ${words.join(" ")} >/run/told 2>&1 & pid=$!
    until [ -s /run/told ]; do sleep 0.1; done; kill -TERM $pid; wait $pid && echo ended in order; cat /run/told`)
  assert.match(told, /^ended in order\n\S+ 2 sources; recorded 2 calls and /)
  assert.doesNotMatch(told, /EACCES|cannot/)
  const { stdout } = machine.run("root", [...asUser.split(" "), "sovereign-ledger", "sql", "SELECT count(*) FROM llm_usage_events", "--json", ...places])
  assert.deepEqual((JSON.parse(stdout) as { readonly rows: readonly unknown[] }).rows, [[2]])
  // Without the right nothing of it can be seen.
  const { status, stderr } = machine.run("root", [...asUser.split(" "), ...words])
  assert.equal(status, 2)
  assert.match(stderr, /\/srv\/openclaw cannot be looked at: EACCES[^]*Run the command as the user the host runs as/)
  host.close()
})
