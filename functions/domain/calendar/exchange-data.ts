import type { ExchangeData } from './exchanges.ts'

/** Written by `npm run calendars` from exchange_calendars 4.13.2. */
export const EXCHANGES: Readonly<Record<string, ExchangeData>> = {
  XNYS: {
    timeZone: 'America/New_York',
    first: '2000-01-01',
    last: '2028-12-31',
    regular: '570-960',
    extended: '240-1200',
    closed:
      '8gt z 1o 12 10 1q 28 w 7 e z 1h 19 11 1p 8 1 1 1 1x x 7 k s 13 1n 12 1o 2f r 7 j s 1o 12 13 1n 2f s 7 i s 1h 1g b o 1r 28 t o z w 1u z 1r 28 w 7 e z 1h 19 10 1q 28 w 7 1 d z 1a 1g 11 1p 28 x 7 k s w 1u 13 1n 2f s 7 i s 1h 19 13 1u 28 t 7 h s 1a 1n z 1r 28 t o z 1o 12 z 1r 28 w 7 e z 1a 1g 11 1p 1k 1 n x 7 k s 13 1n 12 1o 2f r 7 j s 1o 12 13 1n 2f s 7 i s 1a 1g 13 1u 28 t 7 h s 13 1u z 1r 28 w 7 e z 1h 19 10 1q 28 w 7 e z 13 1n 11 1p 28 d k 7 k s 1o 12 12 1o 2f r 7 j s 1h 19 13 1u 28 t 7 h s 1a 1n z 1r 28 t o z 1h 19 l e 1r 28 w 7 e z 1a 1g l f 1q 28 w 7 e z 13 1n n f 1o 2f r 7 8 b s 1o 12 o f 1n 2f s 7 i s 1a 1g p e 1u 28 t 7 h s 13 1u i h 1r 28 t o z 1h 19 l f 1q 28 w',
    other: [
      {
        regular: '570-780',
        extended: '240-1020',
        days: '8lh 40 65 3z v 5d 43 p 5b 44 q 2 9c a4 64 40 65 3z v 5c 44 q 9e r 9d a4 65 3z v 5b 45 p 5b 44 q 9e r 9d 64 40 65 3z v 5b 45 p 9f r 9d a4 64 40 66 45 p 5b 44 q 9e r 9d 64 40',
      },
    ],
  },
  XNAS: {
    timeZone: 'America/New_York',
    first: '2000-01-01',
    last: '2028-12-31',
    regular: '570-960',
    extended: '240-1200',
    closed:
      '8gt z 1o 12 10 1q 28 w 7 e z 1h 19 11 1p 8 1 1 1 1x x 7 k s 13 1n 12 1o 2f r 7 j s 1o 12 13 1n 2f s 7 i s 1h 1g b o 1r 28 t o z w 1u z 1r 28 w 7 e z 1h 19 10 1q 28 w 7 1 d z 1a 1g 11 1p 28 x 7 k s w 1u 13 1n 2f s 7 i s 1h 19 13 1u 28 t 7 h s 1a 1n z 1r 28 t o z 1o 12 z 1r 28 w 7 e z 1a 1g 11 1p 1k 1 n x 7 k s 13 1n 12 1o 2f r 7 j s 1o 12 13 1n 2f s 7 i s 1a 1g 13 1u 28 t 7 h s 13 1u z 1r 28 w 7 e z 1h 19 10 1q 28 w 7 e z 13 1n 11 1p 28 d k 7 k s 1o 12 12 1o 2f r 7 j s 1h 19 13 1u 28 t 7 h s 1a 1n z 1r 28 t o z 1h 19 l e 1r 28 w 7 e z 1a 1g l f 1q 28 w 7 e z 13 1n n f 1o 2f r 7 8 b s 1o 12 o f 1n 2f s 7 i s 1a 1g p e 1u 28 t 7 h s 13 1u i h 1r 28 t o z 1h 19 l f 1q 28 w',
    other: [
      {
        regular: '570-780',
        extended: '240-1020',
        days: '8lh 40 65 3z v 5d 43 p 5b 44 q 2 9c a4 64 40 65 3z v 5c 44 q 9e r 9d a4 65 3z v 5b 45 p 5b 44 q 9e r 9d 64 40 65 3z v 5b 45 p 9f r 9d a4 64 40 66 45 p 5b 44 q 9e r 9d 64 40',
      },
    ],
  },
  CMES: {
    timeZone: 'America/Chicago',
    first: '2000-01-01',
    last: '2028-12-31',
    regular: '-420-960',
    extended: '-420-960',
    closed:
      '8jg 6w 7 2u 74 7 2f 7j 7 2z 6z 7 2r 1r 5g 2j 7o 7 2u 73 7 1 2m 7b 7 28 7r 7 2r 77 7 2j 7e 3b 6w 7 2n 7b 7 2f 7j 7 2z 6z 7 2k 7e 7 2c 7o 7 2u 73 7 2g 6y k 7 30 6y 7 2s 77 7 2j 7e 34 73 7 2n 7a 7 2g 7j 7 8 2r 6z 7 2k 7e 7 2c 7l 34 73',
    other: [
      {
        regular: '-420-720',
        extended: '-420-720',
        days: '8gt z 2q 10 1q 28 1 1g z 2q 11 1p 28 1 v s s 2q 12 1o 2f 1 p r s 2q 13 1n 2f 1 q q s 2x z 1r 28 1 1g z 2q z 1r 28 1 1g z 2q 10 1q 28 1 1g z 2q 11 1p 28 1 v s s 2q 13 1n 2f 1 q q s 2q 13 1u 28 1 r p s 2x z 1r 28 1 1g z 2q z 1r 28 1 1g z 2q 11 1p 28 1 v s s 2q 12 1o 2f 1 p r s 2q 13 1n 2f 1 q q s 2q 13 1u 28 1 r p s 2x z 1r 28 1 1g z 2q 10 1q 28 1 1g z 2q 11 1p 28 1 v s s 2q 12 1o 2f 1 p r s 2q 13 1u 28 1 r p s 2x z 1r 28 1 1g z 2q z 1r 28 1 1g z 2q 10 1q 28 1 1g z 2q 12 1o 2f 1 p r s 2q 13 1n 2f 1 q q s 2q 13 1u 28 1 r p s 2x z 1r 28 1 1g z 2q 10 1q 28 1',
      },
    ],
  },
  XLON: {
    timeZone: 'Europe/London',
    first: '2000-01-01',
    last: '2028-12-31',
    regular: '480-990',
    extended: '480-990',
    closed:
      '8gf 31 3 7 s 2j 3b 1 6 2u 3 l l 2j 3c 1 6 2f 3 z s 1 2b 3d 1 6 2z 3 e l 2j 3e 1 6 2r 3 l s 2j 3b 1 6 29 3 z s 2j 3b 1 6 2u 3 e s 2j 3b 1 6 2n 3 s l 2j 3c 1 6 28 3 16 l 2j 3e 1 6 2r 3 l l 2q 38 3 4 2j 3 s s 2j 3b 1 6 31 3 4 3 s 2j 3b 1 6 2n 3 s s 1 2b 3c 1 6 2f 3 z l 2j 3d 1 6 2z 3 e l 2j 3e 1 6 2k 3 s l 2q 38 3 4 2c 3 z s 2j 3b 1 6 2u 3 e s 2j 3b 1 6 2g 3 z l 2j 3c 1 6 30 3 e l 2j 3d 1 6 2s 3 p h 2q 38 3 4 2j 3 s s 2j 3b 1 6 2u 3 e v 1 2f l 2q 1 6 2n 3 l 7 l 2j 3b 1 6 2g 3 z l 2j 3d 1 6 2z 3 e l 2j 3e 1 6 2k 3 s l 2q 38 3 4 2c 3 z s 2j 3b 1 6 2u 3 e s 2j 3b 1',
    other: [
      {
        regular: '480-750',
        extended: '480-750',
        days: '8q9 7 a0 7 9y 7 9y 7 9z 7 9x 7 9x 7 a0 7 9z 7 9y 7 9y 7 9x 7 a0 7 9y 7 9y 7 9y 7 9y 7 9x 7 a0 7 9y 7 9z 7 9y 7 9x 7 9x 7 a1 7 9y 7 9y 7 9y 7 9x 7',
      },
    ],
  },
  XETR: {
    timeZone: 'Europe/Berlin',
    first: '2000-01-01',
    last: '2028-12-31',
    regular: '540-1050',
    extended: '540-1050',
    closed:
      '8jg 3 7 6m 1 6 2u 3 f 6l 1 1 5 1 2f 3 u 6l 1 1 5 1 2z 3 a 6l 1 1 5 1 2r 3 74 7 2c 3 7l 31 3 e 6m 1 6 2n 3 m r 5u 1 1 5 1 28 3 12 6l 1 1 5 1 2r 3 i 6l 1 6 1 2j 3 7b 7 34 3 6t 2u 3 m 6l 1 1 5 1 2f 3 u 6l 1 1 5 1 2z 3 a 4b 2a 1 1 5 1 2k 3 p o 5x 1 6 1 2c 3 1d 3w 2c 31 3 e z 3c s 1j 1 6 2g 3 t k 3r 2a 1 1 5 1 30 3 9 14 37 2a 1 1 5 1 2s 3 i v 5q 1 6 1 2j 3 1d 5y 7 2x 3 70 2u 3 l 6m 1 6 2g 3 u 6l 1 1 5 1 2z 3 a 6l 1 1 5 1 2k 3 p 6l 1 6 1 2c 3 7i 7 2x 3 e 6m 1',
    other: [
      {
        regular: '540-840',
        extended: '540-840',
        days: 'bjx a5 a4 a7 a5 a5 a6 a4 a4 a7 a6 a5 a5 a4 a7 a5 a5 a5 a5',
      },
    ],
  },
  XNSE: {
    timeZone: 'Asia/Kolkata',
    first: '2000-01-01',
    last: '2026-12-31',
    regular: '555-930',
    extended: '555-930',
    closed:
      '8h2 1f 3 p 7 a 2y h v 2c 7 p 13 u 8 i 2y 7 15 o l e h 8 2i 4 x 2y q m d m d 10 1e t 4 r 4 d 2y 1c 1j t 7 p 7 t 12 5 c 4q 9 o b 1k 5 1m k 2x i n z m 1 b 1l f e y m 5 3 h 2y 1c m 1 1p 7 p 4 h 13 a p 1 2x 1c 28 4 20 e 1 o 4 d i 2g j t 7 l e e c g e i s f 1 n 4 3 4 g 1 3z 7 4 b 6 e 1h 3 4 p h h n 9 c 45 1w u 14 z 15 2 8 37 g 1 z l b 3 q 1f p h s 1 p 2y 5 u d m l e r 2k 2 l 5 7 2s 6 p n e j a 15 1s i m 6 4 6 7 2h h e y 1 3 9 8 1 b 2 1d w m h r 1 b h 3v 8 7 k k 1 d u w 15 h 1 k 1 4 26 14 l 8 s 1 j e 21 t h m a h 1k 1e a 12 h 1 1u w i h r 1 w 2y 7 m 7 c g k 1 f w 1x h r 2 a 2 z 1w 3 i 8 m 6 d 7 f 17 1m i n 4 4 4 h o 3m 19 e p w 18 i 4 c 7 m 1x t m z k 1 e 1w y h r 1 i 2q 6 g z j 2 d 27 14 n 5 3 7 h 1n 1b z d m l d s s 4 16 h 4 d 6 e j s u t 1c u e 5 z 1r g h a 4 4 d 2y c 10 j 1 e 1e l b 10 n 5 3 b h r t 28 i i l e v',
    other: [],
  },
}
