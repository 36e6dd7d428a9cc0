/** The OpenClaw entry: installs the lists. `register` does no I/O; the first event connects to the writer, and starts it if need be. */
import { registerChatCommands } from "./host/chat-commands.ts"
import { disabledRow, reasonOff } from "./host/disable-watch.ts"
import { registerGatewayMethods } from "./host/gateway-methods.ts"
import { loadHarness } from "./host/harness.ts"
import type { HostApi } from "./host/host-api.ts"
import { installHooks, observe, subscribe } from "./host/install-hooks.ts"
import { installStreamDoors } from "./host/install-stream-doors.ts"
import { provideLedgerApi } from "./host/ledger-api.ts"
import { registerMetricsRoute } from "./host/metrics-route.ts"
import { registerPageTab } from "./host/page-tab.ts"
import { registerKeyRoutes } from "./host/key-routes.ts"
import { registerLedgerCommand } from "./host/ledger-command.ts"
import { loadProviderOwners } from "./host/provider-owners.ts"
import { registerAgentTools } from "./host/agent-tools.ts"
import { QuotaNews, quotaRow, sampleWindows, usageStatus } from "./host/sample-windows.ts"
import { currentLedger, flush, ledgerSource, release, startState } from "./host/shared-ledger.ts"
import { sayOnce } from "./host/start-lines.ts"
import { listenForStop } from "./host/stop-signal.ts"

const flushWithinMs = 2_000

export default {
  id: "sovereign-ledger",
  name: "Sovereign Ledger",
  register(api: HostApi): void {
    registerLedgerCommand(api)
    if (api.registrationMode === "cli-metadata") return
    const ledger = ledgerSource(api)
    // In every registration mode: the copy that is told of agent turns is not the one that is told of start and stop.
    const harness = loadHarness(api)
    installHooks(api, ledger, harness)
    void loadProviderOwners()
    registerChatCommands(api, ledger)
    registerAgentTools(api)
    installStreamDoors(api, { ledger, observe })
    api.lifecycle?.onDispose?.(() => flush(flushWithinMs))
    if (api.registrationMode === "full") {
      registerGatewayMethods(api, ledger)
      registerKeyRoutes(api)
      registerMetricsRoute(api)
      registerPageTab(api)
      provideLedgerApi(ledger)
      let [stopListening, stopSampling] = [() => {}, () => {}]
      let ran = false
      // Registered last, so that it is called first: what it tells is handed over with the rest.
      api.lifecycle?.onDispose?.(async () => {
        const reason = ran ? reasonOff(api) : undefined
        if (reason === undefined || !disabledRow) return
        const current = currentLedger() ?? ledger(true)
        observe(current, disabledRow, { reason }, undefined)
        await release(current, flushWithinMs)
      })
      api.registerService({
        id: "sovereign-ledger",
        start: () => {
          ran = true
          sayOnce(api, startState(api))
          // From whoever listened meanwhile: hooks of the copy before this one fire after its stop.
          ledger().subscriptions.close()
          subscribe(api, ledger())
          ledger().outside.stands(api)
          // Whichever is in force: a copy that has not been stopped yet does not bring its own settings back by looking.
          const inForce = () => currentLedger() ?? ledger()
          const news = new QuotaNews()
          stopSampling = sampleWindows({
            ask: () => usageStatus(harness),
            ledger: inForce,
            tell: (problem) => api.logger.warn(`[sovereign-ledger] ${problem}`),
            recordEveryMs: inForce().quotaEveryMs,
            record: (answer) => {
              const told = news.of(answer, Date.now())
              if (told && quotaRow) observe(inForce(), quotaRow, told, undefined)
            },
          })
          stopListening = listenForStop((row, value) => {
            const current = ledger()
            observe(current, row, value, undefined)
            current.memory.signalled = true
          })
        },
        stop: () => {
          stopSampling()
          stopListening()
          currentLedger()?.outside.leaves(api)
          return release(ledger(), flushWithinMs)
        },
      })
    }
  },
}
