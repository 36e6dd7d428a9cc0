/** Every page, in the order in which they stand at the side. */
import type { PageRow } from "./page-row.ts"
import { AlertsPage } from "./pages/alerts.tsx"
import { BudgetsPage } from "./pages/budgets.tsx"
import { EventPage } from "./pages/event.tsx"
import { EventsPage } from "./pages/events.tsx"
import { GatePage } from "./pages/gate.tsx"
import { Home } from "./pages/home.tsx"
import { OrchestratorPage } from "./pages/orchestrator.tsx"
import { ProofsPage } from "./pages/proofs.tsx"
import { ReceiptPage, ReceiptsPage } from "./pages/receipts.tsx"
import { ReportsPage } from "./pages/reports.tsx"
import { SessionPage } from "./pages/session.tsx"
import { SessionsPage } from "./pages/sessions.tsx"
import { SettingsPage } from "./pages/settings.tsx"
import { SpendPage } from "./pages/spend.tsx"
import { AnomaliesPage, InventoryPage } from "./pages/told-whole.tsx"

export const pages: readonly PageRow[] = [
  { name: "home", title: "Overview", group: "Now", view: Home },
  { name: "alerts", title: "Alerts", group: "Now", route: "alerts", view: AlertsPage },
  { name: "anomalies", title: "Anomalies", group: "Now", route: "anomalies", view: AnomaliesPage },
  { name: "events", title: "Events", group: "Record", route: "events", view: EventsPage },
  { name: "event", title: "Event", route: "events/:id", view: EventPage },
  { name: "sessions", title: "Sessions", group: "Record", route: "spend", view: SessionsPage },
  { name: "session", title: "Session", route: "events", view: SessionPage },
  { name: "reports", title: "Reports", group: "Record", route: "report", view: ReportsPage },
  { name: "inventory", title: "Inventory", group: "Record", route: "inventory", view: InventoryPage },
  { name: "spend", title: "Spending", group: "Money", route: "spend", view: SpendPage },
  { name: "budgets", title: "Budgets", group: "Money", route: "budgets", view: BudgetsPage },
  { name: "proofs", title: "Verify", group: "Evidence", view: ProofsPage },
  { name: "receipts", title: "Receipts", group: "Evidence", route: "receipts", view: ReceiptsPage },
  { name: "receipt", title: "Receipt", route: "receipts/:receipt", view: ReceiptPage },
  { name: "gate", title: "Outbound gate", group: "Rules", route: "gate", view: GatePage },
  { name: "orchestrator", title: "Orchestrator", group: "Rules", route: "orchestrator", view: OrchestratorPage },
  { name: "settings", title: "Settings", group: "Rules", route: "settings", view: SettingsPage },
]
