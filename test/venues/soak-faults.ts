import type { Random } from '../../feed/random.ts'
import type { Fate, VenueSimulator } from './simulator.ts'

/** A fault of the simulated venue: what becomes of its trades meanwhile, and what else happens. */
type Fault = {
  readonly name: string
  readonly seconds: number
  readonly fate?: (random: Random) => Fate
  readonly begin?: (simulator: VenueSimulator, newest: number) => void
  readonly end?: (simulator: VenueSimulator) => void
}

export const FAULTS: readonly Fault[] = [
  { name: 'trades are lost', seconds: 1, fate: (random) => (random() < 0.5 ? 'lost' : 'sent') },
  { name: 'trades come twice', seconds: 3, fate: (random) => (random() < 0.5 ? 'doubled' : 'sent') },
  { name: 'trades come out of order', seconds: 3, fate: (random) => (random() < 0.2 ? 'late' : 'sent') },
  { name: 'connections are cut', seconds: 1, begin: (simulator) => simulator.cutAll() },
  {
    name: 'connections are cut in mid-frame',
    seconds: 1,
    fate: (random) => (random() < 0.01 ? 'cut-in-frame' : 'sent'),
  },
  {
    name: 'the venue is mute',
    seconds: 6,
    begin: (simulator) => void (simulator.isMute = true),
    end: (simulator) => void (simulator.isMute = false),
  },
  {
    name: 'trades are lost, and the REST API refuses',
    seconds: 1,
    fate: (random) => (random() < 0.5 ? 'lost' : 'sent'),
    begin: (simulator) => {
      simulator.restFaults = [
        { status: 429, retryAfter: '2' },
        { status: 503 },
        'broken-off',
        { status: 418, retryAfter: '1' },
      ]
    },
  },
  {
    name: 'trades are lost, and the REST API is slow',
    seconds: 3,
    fate: (random) => (random() < 0.1 ? 'lost' : 'sent'),
    begin: (simulator) => void (simulator.restDelayMs = 1500),
    end: (simulator) => void (simulator.restDelayMs = 0),
  },
  {
    name: 'trades are lost that the REST API does not have',
    seconds: 1,
    fate: (random) => (random() < 0.5 ? 'lost' : 'sent'),
    begin: (simulator, newest) => void simulator.forgotten.push({ first: newest, last: newest + 400 }),
  },
  { name: 'garbage comes', seconds: 1, begin: (simulator) => simulator.say('{"e":"trade","s":') },
]
