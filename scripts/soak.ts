/** `npm run soak -- NAME`: runs that take long or break things on purpose (kills, full disks, reloads). A run that returns has passed. */
import { runNamed } from "./runnable.ts"

process.exitCode = await runNamed("soak", "test/soak", process.argv.slice(2), (result, json) => {
  process.stdout.write(json ? `${JSON.stringify(result ?? {})}\n` : "passed\n")
  return 0
})
