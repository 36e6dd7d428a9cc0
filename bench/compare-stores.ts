/** A process of `append-growth.ts`: compare-stores.ts BATCHES LARGE SMALL... appends to the large store and to one small store after the other, in turn. */
import { homeAt } from "./ledger-home.ts"
import { BatchWriter } from "./writing.ts"

type Times = { readonly smallMs: number; readonly largeMs: number; readonly smallCpuMs: number; readonly largeCpuMs: number }
export type GrowthTimes = { readonly repetitions: readonly Times[] }

/** The first small store warms up and is not counted. */
function compare(batches: number, largeRoot: string, smallRoots: readonly string[]): GrowthTimes {
  const large = new BatchWriter(homeAt(largeRoot))
  const repetitions = smallRoots.map((root) => {
    const small = new BatchWriter(homeAt(root))
    const times = alternate(batches, small, large)
    small.close()
    return times
  })
  large.close()
  return { repetitions: repetitions.slice(1) }
}

function alternate(batches: number, small: BatchWriter, large: BatchWriter): Times {
  const sums = { smallMs: 0, largeMs: 0, smallCpuMs: 0, largeCpuMs: 0 }
  for (let i = 0; i < batches; i++) {
    for (const [writer, wall, cpu] of [
      [small, "smallMs", "smallCpuMs"],
      [large, "largeMs", "largeCpuMs"],
    ] as const) {
      const events = writer.map(writer.calls())
      const used = process.cpuUsage()
      const from = performance.now()
      writer.append(events)
      sums[wall] += performance.now() - from
      const { user, system } = process.cpuUsage(used)
      sums[cpu] += (user + system) / 1_000
    }
  }
  return sums
}

if (import.meta.main) {
  const [batches = "0", large = "", ...small] = process.argv.slice(2)
  process.stdout.write(JSON.stringify(compare(Number(batches), large, small)))
}
