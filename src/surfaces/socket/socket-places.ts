/** Where a writer listens. */
import type { WriterArguments } from "../../operations/writer-arguments.ts"
import type { SocketPlace } from "./server.ts"
import { socketPath } from "./socket-path.ts"

/** A service that other users reach by a socket of their group has one for its own user, too, where commands look for it. */
export function socketPlaces({ directory, socket, service }: WriterArguments): readonly SocketPlace[] {
  const own = socketPath(directory)
  const mode = service ? 0o660 : 0o600
  if (socket === undefined || socket === own) return [{ path: own, mode, isShared: false }]
  return service
    ? [
        { path: own, mode: 0o600, isShared: false },
        { path: socket, mode, isShared: true },
      ]
    : [{ path: socket, mode, isShared: false }]
}
