export {
  type Advertisement,
  advertise,
  Discovery,
  type DiscoveryListener,
  type FoundService,
  type ServiceKind,
} from './discovery.js'
export { MonotonicClock, MonotonicTimers } from './monotonic-clock.js'
export type { MulticastOptions } from './multicast.js'
export type { Ipv4Interface } from './network-interfaces.js'
export {
  type AcceptOptions,
  defaultPath,
  defaultPlayerPort,
  defaultServerPort,
  type ListenOptions,
  listen,
  listenWebSocket,
  refuseUpgrade,
  WsAcceptor,
  type WsListener,
} from './ws-listener.js'
export { connectWebSocket, defaultHeartbeatUs, type WsOptions } from './ws-transport.js'
