export interface RoomReport {
  readonly clientId: string
  readonly state: string
  readonly title: string | undefined
}
export class BrowserRoom {
  static async start(_: {
    context: AudioContext
    name: string
    onReport: (r: RoomReport) => void
    onProblem: (t: string | undefined) => void
  }): Promise<BrowserRoom> {
    throw new Error('not yet')
  }
  async stop(): Promise<void> {}
}
