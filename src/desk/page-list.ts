/** Every page, in the order in which they stand at the side. */
import type { PageRow } from "./page-row.ts"
import { Home } from "./pages/home.tsx"

export const pages: readonly PageRow[] = [{ name: "home", title: "Overview", group: "Now", view: Home }]
