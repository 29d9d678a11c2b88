/** The sender of an event asks to be answered. A class, so that no payload can pose as one. */
export class AckRequest {
  constructor(readonly id: number) {}
}
