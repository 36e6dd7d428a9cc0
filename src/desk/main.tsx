/** The script of the page. */
import { render } from "preact"
import { App } from "./app.tsx"

const place = document.querySelector("#page")
if (place) {
  place.replaceChildren()
  render(<App />, place)
}
