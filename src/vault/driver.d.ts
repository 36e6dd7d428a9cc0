/** The part of the driver's surface that `database.ts` lets through; the package's own types do not resolve through its exports. */
declare module "better-sqlite3-multiple-ciphers" {
  type Bindable = string | number | bigint | Buffer | Uint8Array | null

  interface Statement {
    /** It answers rows. */
    readonly reader: boolean
    /** It writes nothing to a database. */
    readonly readonly: boolean
    columns(): readonly { readonly name: string }[]
    run(...parameters: Bindable[]): { changes: number; lastInsertRowid: number | bigint }
    get(...parameters: Bindable[]): unknown
    all(...parameters: Bindable[]): unknown[]
    iterate(...parameters: Bindable[]): IterableIterator<unknown>
    pluck(on?: boolean): this
    raw(on?: boolean): this
    safeIntegers(on?: boolean): this
  }

  interface DatabaseOptions {
    readonly?: boolean
    fileMustExist?: boolean
    timeout?: number
    nativeBinding?: string
  }

  class Database {
    constructor(path: string, options?: DatabaseOptions)
    readonly name: string
    readonly open: boolean
    readonly inTransaction: boolean
    prepare(sql: string): Statement
    exec(sql: string): this
    pragma(text: string, options?: { simple?: boolean }): unknown
    close(): this
    /** Every page of the file as it is when it is open, free ones too. */
    serialize(): Buffer
  }

  namespace Database {
    export type { Database, Statement }
  }

  export default Database
}
