/** What stands beside the open case and is fetched after it: similar cases, FAQ answers, the matrix. */

export class Knowledge extends EventTarget {
  #api;
  #id = null;
  #matrix = null;

  constructor(api) {
    super();
    this.#api = api;
    this.#reset();
  }

  #reset() {
    /** Arrays once they are known, null before; `off` says why nothing can be found. */
    Object.assign(this, { similar: null, answers: null, matrix: null, off: "" });
  }

  /** Asks for another case; each part is told as it comes. What comes for a case that was left is dropped. */
  open(id) {
    this.#id = id;
    this.#reset();
    this.#matrix ??= this.#api.matrix();
    this.#fetch(id, this.#api.beside(id, "similar"), ({ cases, off }) => Object.assign(this, { similar: cases, off: off ?? "" }), () => { this.similar = []; });
    this.#fetch(id, this.#api.beside(id, "answers"), ({ answers, off }) => Object.assign(this, { answers, off: off ?? "" }), () => { this.answers = []; });
    this.#fetch(id, this.#matrix, (matrix) => { this.matrix = matrix; }, () => { this.#matrix = null; });
  }

  async #fetch(id, asked, take, fail) {
    try {
      const answer = await asked;
      if (id !== this.#id) return;
      take(answer);
    } catch (error) {
      if (id !== this.#id) return;
      // It stands beside the case: without it the case can be worked on all the same.
      this.off = error.message;
      fail();
    }
    this.dispatchEvent(new Event("known"));
  }
}
