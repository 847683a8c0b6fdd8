/** The orders of a floor's server, as JSON for its argument. */
export interface FloorOrders {
  /** Absent: frames are not written. */
  readonly path?: string
  readonly isDurable: boolean
  readonly frameBytes: number
  readonly fileBytes: number
}
