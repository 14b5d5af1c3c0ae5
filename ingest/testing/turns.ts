import { takeTurns } from '../../domain/in-turn.ts'
import { createTurns, type Turns, type TurnsParts } from '../turns.ts'
import type { House } from './house.ts'

/** Turns in a house of tests: what is kept is carried before they go on, unless `passed` says otherwise. */
export const turnsIn = ({ journal, store, carryAll }: House, parts: Partial<TurnsParts> = {}): Turns =>
  createTurns({
    accept: journal.accept,
    inTurn: takeTurns(),
    newest: () => journal.figures().newest,
    cursor: () => store.ledger.cursor(),
    passed: carryAll,
    ...parts,
  })
