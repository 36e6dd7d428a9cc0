/** Lint rules, and for every folder of `src/` the imports that `layers.js` does not grant it. Formatting is oxfmt's business. */
import { defineConfig } from "oxlint"
import { appenders, layers, roots } from "./layers.js"

type Layer = { readonly folders: readonly string[]; readonly packages: readonly string[] }

type Rules = Record<string, ["error", object]>

const rows = Object.entries<Layer>(layers)

export default defineConfig({
  plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "promise", "node"],
  categories: { correctness: "error", suspicious: "error", perf: "error" },
  options: { reportUnusedDisableDirectives: "error" },
  env: { node: true, es2024: true },
  ignorePatterns: ["dist/", "test/vectors/"],
  rules: {
    eqeqeq: "error",
    "default-case-last": "error",
    "no-bitwise": "off",
    "no-console": "error",
    "no-else-return": "error",
    "no-empty": "error",
    "no-eval": "error",
    "no-implicit-coercion": "error",
    "no-new-func": "error",
    "no-param-reassign": "error",
    "no-return-assign": "error",
    "no-throw-literal": "error",
    "no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
    "no-useless-return": "error",
    "no-var": "error",
    "object-shorthand": "error",
    "prefer-const": "error",
    "prefer-object-has-own": "error",
    "symbol-description": "error",
    "import/no-cycle": "error",
    "import/no-default-export": "error",
    "import/no-duplicates": "error",
    "import/no-mutable-exports": "error",
    "import/no-self-import": "error",
    "import/no-named-as-default-member": "off",
    "import/no-unassigned-import": "off",
    "promise/no-new-statics": "error",
    "promise/no-return-in-finally": "error",
    "promise/param-names": "error",
    "promise/valid-params": "error",
    "typescript/ban-ts-comment": "error",
    "typescript/consistent-type-definitions": ["error", "type"],
    "typescript/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
    "typescript/no-explicit-any": "error",
    "typescript/no-namespace": ["error", { allowDefinitionFiles: true }],
    "typescript/no-non-null-assertion": "error",
    "typescript/no-require-imports": "error",
    "typescript/parameter-properties": "error",
    "unicorn/filename-case": ["error", { case: "kebabCase" }],
    "unicorn/no-abusive-eslint-disable": "error",
    "unicorn/no-instanceof-array": "error",
    "unicorn/no-typeof-undefined": "error",
    "unicorn/prefer-node-protocol": "error",
    "unicorn/throw-new-error": "error",
    // A loop that awaits is how order is kept here: commits, files and retries go one after the other.
    "no-await-in-loop": "off",
    // A name that means the same thing in an inner function is clearer than a second word for it.
    "no-shadow": "off",
    "no-underscore-dangle": "off",
    // Advice on style and speed that costs more than it gives here.
    "oxc/no-map-spread": "off",
    "promise/always-return": "off",
    "unicorn/consistent-function-scoping": "off",
    "unicorn/no-instanceof-builtins": "off",
    "unicorn/no-useless-spread": "off",
    "unicorn/prefer-set-has": "off",
    "unicorn/require-module-specifiers": "off",
    "unicorn/require-post-message-target-origin": "off", // it means windows; ours goes to threads
    // Buffers are sorted and reversed in place on purpose, right where they are made.
    "unicorn/no-array-reverse": "off",
    "unicorn/no-array-sort": "off",
  },
  overrides: [
    ...rows.map(([folder, layer]) => ({
      files: [`src/${folder}/**/*.{ts,tsx}`],
      rules: { "no-restricted-imports": ["error", { patterns: [...foldersDenied(folder, layer), ...packagesDenied(folder, layer)] }] } satisfies Rules,
    })),
    // The driver's types mirror those of a class.
    { files: ["**/*.d.ts"], rules: { "typescript/consistent-type-definitions": "off", "import/no-default-export": "off" } },
    { files: ["src/surfaces/**/*.ts", "src/cli.ts", "scripts/**", "bench/**", "test/soak/**"], rules: { "no-console": "off" } },
    // Tests make shapes nobody should write.
    { files: ["test/**"], rules: { "no-sparse-arrays": "off", "unicorn/no-new-array": "off" } },
    // Loaded by the host or a tool, which want a default export.
    { files: ["src/plugin.ts", "oxlint.config.ts", "test/gateway/*-plugin/index.ts"], rules: { "import/no-default-export": "off" } },
  ],
})

/** Relative imports that climb to another folder of `src/`, or to a composition root. */
function foldersDenied(folder: string, layer: Layer): readonly object[] {
  const denied = rows.map(([other]) => other).filter((other) => other !== folder && !layer.folders.includes(other))
  const deniedRoots = roots.filter((root) => root !== "config" && root !== "version")
  const mayAppend = folder === "journal" || appenders.includes(folder)
  return [
    { regex: `^(?:\\.\\./)+(?:${denied.join("|")})/`, message: `layers.js lets src/${folder} import: ${layer.folders.join(", ") || "no other folder"}.` },
    { regex: `^(?:\\.\\./)+(?:${deniedRoots.join("|")})\\.ts$`, message: "Composition roots are imported by nobody." },
    ...(mayAppend ? [] : [{ regex: "journal/journal\\.ts$", message: `Only ${appenders.join(", ")} may append to the journal.` }]),
  ]
}

function packagesDenied(folder: string, layer: Layer): readonly object[] {
  const granted = layer.packages.flatMap((name) => [`!${name}`, `!${name}/**`])
  return [{ group: ["*", "!./**", "!../**", ...granted], message: `layers.js grants src/${folder}: ${layer.packages.join(", ") || "no package"}.` }]
}
