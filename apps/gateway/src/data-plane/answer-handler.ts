/** How an answer is told piece by piece, whichever client asked: undici's own manner, that costs no object in between. */
export interface AnswerHandler {
  /** The instance is reached and nothing is sent yet. */
  onConnect(abort: (error?: Error) => void): void;
  onHeaders(status: number, raw: Buffer[], resume: () => void, message: string): boolean;
  /** False: wait until `resume` is called. */
  onData(chunk: Buffer): boolean;
  onComplete(trailers: string[] | null): void;
  onError(error: Error): void;
}
