/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of text, controls, escape and control sequences. See test_vtfilter.c for the macros. */
/* clang-format off */

/* --- text ----------------------------------------------------------------------------------- */
SAME(""), SAME("plain text"), SAME("tab\there\r\n"), SAME("\a"), SAME("a\bb"), SAME("a\vb\fc"), SAME("\0"),
SAME("\xc3\xa9"), SAME("\xe2\x82\xac"), SAME("\xf0\x9f\x91\x8d"), SAME("\xed\x9f\xbf"), SAME("\xee\x80\x80"),
SAME("\xf4\x8f\xbf\xbf"), SAME("\xc2\xa0"), SAME("\xe4\xbd\xa0\xe5\xa5\xbd"), SAME("\xef\xbf\xbd"),
SAME("\xf3\xa0\x80\xa0"), SAME("\xdf\xbf"), SAME("\xe0\xa0\x80"), SAME("\xf0\x90\x80\x80"),
SAME("0123456789abcdef0123456789abcdef0123456789abcdef"), SAME("1234567\t"), SAME("12345678\t9"),
MADE("\x80", BAD, C1), MADE("\x9b", BAD, C1), MADE("\x9f", BAD, C1), MADE("\xa0", BAD, TEXT), MADE("\xff", BAD, TEXT),
MADE("\xfe", BAD, TEXT), MADE("\xf5", BAD, TEXT),
MADE2("\xc0\xaf", BAD BAD, TEXT, 2), MADE2("\xc1\x9b", BAD BAD, TEXT, 1, C1, 1),
MADE2("\xe0\x80\xaf", BAD BAD BAD, TEXT, 2, C1, 1), MADE2("\xed\xa0\x80", BAD BAD BAD, TEXT, 2, C1, 1),
MADE2("\xf0\x80\x80\x80", BAD BAD BAD BAD, TEXT, 1, C1, 3), MADE2("\xf4\x90\x80\x80", BAD BAD BAD BAD, TEXT, 1, C1, 3),
MADE("\xe2\x82", BAD, TEXT), MADE("\xf0\x9f\x91", BAD, TEXT), MADE("\xc3", BAD, TEXT), MADE("\xe2""\xc3\xa9", BAD "\xc3\xa9", TEXT),
MADE("\xe2\x82""\033[1m", BAD "\033[1m", TEXT), MADE("\xf0\x9f""\n", BAD "\n", TEXT),
MADE("\xc2\x80", BAD, C1), MADE("\xc2\x85", BAD, C1), MADE("\xc2\x9f", BAD, C1),

/* --- C1, in both codings -------------------------------------------------------------------- */
MADE("\xc2\x9b""21t", BAD "21t", C1), MADE("\x9b""21t", BAD "21t", C1), MADE("\xc2\x9d""52;c;eA==\a", BAD "52;c;eA==\a", C1),
MADE("\x9d""52;c;eA==\a", BAD "52;c;eA==\a", C1), MADE2("\xc2\x90$qm\xc2\x9c", BAD "$qm" BAD, C1, 2),
MADE2("\x90$qm\x9c", BAD "$qm" BAD, C1, 2), MADE2("\x9fGt=f;\x9c", BAD "Gt=f;" BAD, C1, 2), MADE("\xc2\x9a", BAD, C1),
MADE("\xc2\x8f""A", BAD "A", C1), MADE("\xc2\x98x", BAD "x", C1), MADE("\xc2\x9ex", BAD "x", C1),
MADE2("\033\x9b""21t", BAD "21t", MALFORMED, 1, C1, 1), MADE2("\033[3\xc2\x9b""1m", BAD "1m", MALFORMED, 1, C1, 1),
MADE2("\xe2\x9b""21t", BAD "21t", TEXT, 1),

/* --- controls ------------------------------------------------------------------------------- */
GONE("\x01", CONTROL), GONE("\x02", CONTROL), GONE("\x03", CONTROL), GONE("\x04", CONTROL), GONE("\x05", QUERY),
GONE("\x06", CONTROL), GONE("\x10", CONTROL), GONE("\x11", CONTROL), GONE("\x12", CONTROL), GONE("\x13", CONTROL),
GONE("\x14", CONTROL), GONE("\x15", CONTROL), GONE("\x16", CONTROL), GONE("\x17", CONTROL), GONE("\x18", CONTROL),
GONE("\x19", CONTROL), GONE("\x1a", CONTROL), GONE("\x1c", CONTROL), GONE("\x1d", CONTROL), GONE("\x1e", CONTROL),
GONE("\x1f", CONTROL), GONE("\x7f", CONTROL), SAME("\x0e"), SAME("\x0f"),
MADE("**\x18""B00000000000000\r\n", "**B00000000000000\r\n", CONTROL),

/* --- colours -------------------------------------------------------------------------------- */
SAME("\033[m"), SAME("\033[0m"), SAME("\033[1;31m"), SAME("\033[38;5;208m"), SAME("\033[48;2;1;2;3m"), SAME("\033[4:3m"),
SAME("\033[58:2::240:143:104m"), SAME("\033[;;m"), SAME("\033[1m\033[2m\033[3m"), SAME("\033[38:5:1m"),
SAME("\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20;21;22;23;24;25;26;27;28;29;30;31;32;33;34;35;36m"),
GONE("\033[123456m", MALFORMED), GONE("\033[1;999999m", MALFORMED), GONE("\033[1 m", UNKNOWN), GONE("\033[?1;x", UNKNOWN),
GONE("\033[<1m", UNKNOWN), GONE("\033[=1m", UNKNOWN),

/* --- cursor, erasing, scrolling ------------------------------------------------------------- */
SAME("\033[A"), SAME("\033[5B"), SAME("\033[3C"), SAME("\033[D"), SAME("\033[E"), SAME("\033[F"), SAME("\033[7G"),
SAME("\033[H"), SAME("\033[12;40H"), SAME("\033[12;40f"), SAME("\033[I"), SAME("\033[J"), SAME("\033[2J"), SAME("\033[3J"),
SAME("\033[K"), SAME("\033[1K"), SAME("\033[?J"), SAME("\033[?2K"), SAME("\033[L"), SAME("\033[2M"), SAME("\033[4P"),
SAME("\033[S"), SAME("\033[2T"), SAME("\033[X"), SAME("\033[Z"), SAME("\033[5`"), SAME("\033[a"), SAME("\033[9b"),
SAME("\033[4d"), SAME("\033[e"), SAME("\033[s"), SAME("\033[u"), SAME("\033[r"), SAME("\033[2;23r"), SAME("\033[4@"),
SAME("\033[3g"), SAME("\033[2 @"), SAME("\033[2 A"), SAME("\033[2'}"), SAME("\033[2'~"), SAME("\033[1\"q"),
SAME("\033[1;1;5;5$z"), SAME("\033[65;1;1;5;5$x"), SAME("\033[1;1;2;2;1;3;3;1$v"), SAME("\033[!p"), SAME("\033[2*x"),
SAME("\0337"), SAME("\0338"), SAME("\033D"), SAME("\033E"), SAME("\033M"), SAME("\033H"), SAME("\0336"), SAME("\0339"),
SAME("\033c"), SAME("\033\\"), SAME("\033g"), SAME("\033="), SAME("\033>"), SAME("\033#8"), SAME("\033#3"),
SAME("\033[0 q"), SAME("\033[6 q"), SAME("\033[?1c"), SAME("\033[?25;1049h"),
GONE("\033[1;2;3;4;5T", MODE), GONE("\033[>T", UNKNOWN), GONE("\033[q", UNKNOWN), GONE("\033[1q", UNKNOWN),
GONE("\033[99999999999b", MALFORMED), GONE("\033[99999b", MALFORMED), SAME("\033[1024b"), GONE("\033[1025b", MALFORMED), GONE("\033[1:2H", MALFORMED), GONE("\033[+p", QUERY), GONE("\033[3+T", UNKNOWN),
GONE("\033#9", UNKNOWN), GONE("\033d", UNKNOWN), GONE("\033l", UNKNOWN), GONE("\033m", UNKNOWN), GONE("\033V", UNKNOWN),

/* --- modes ---------------------------------------------------------------------------------- */
SAME("\033[?1h"), SAME("\033[?7l"), SAME("\033[?25l"), SAME("\033[?47h"), SAME("\033[?1047l"), SAME("\033[?1048h"),
SAME("\033[?1049h"), SAME("\033[?1000;1002;1006h"), SAME("\033[?1003h"), SAME("\033[?1004h"), SAME("\033[?1005l"),
SAME("\033[?1015l"), SAME("\033[?1016h"), SAME("\033[?2004h"), SAME("\033[?2026h"), SAME("\033[?2027h"), SAME("\033[?2031h"),
SAME("\033[?2048h"), SAME("\033[?12l"), SAME("\033[?5h"), SAME("\033[?6h"), SAME("\033[?69h"), SAME("\033[4h"),
SAME("\033[20l"), SAME("\033[34h"), SAME("\033[?1s"), SAME("\033[?2004r"), SAME("\033[?1034h"), SAME("\033[?1007h"),
MADE("\033[?3;4l", "\033[?4l", MODE), MADE2("\033[?1049;9999;2h", "\033[?1049h", MODE, 2), MADE("\033[2;4h", "\033[4h", MODE),
MADE("\033[?1;1049r", "\033[?1r", MODE),
GONE("\033[?h", MODE), GONE("\033[h", MODE), GONE("\033[2h", MODE), GONE("\033[12l", MODE), GONE("\033[?2h", MODE),
GONE("\033[?2l", MODE), GONE("\033[?3h", MODE), GONE("\033[?38h", MODE), GONE("\033[?40h", MODE), GONE("\033[?42h", MODE),
GONE("\033[?18h", MODE), GONE("\033[?19l", MODE), GONE("\033[?46h", MODE), GONE("\033[?1001h", MODE), GONE("\033[?1001s", MODE),
GONE("\033[?1041h", MODE), GONE("\033[?1042h", MODE), GONE("\033[?1043h", MODE), GONE("\033[?5522h", MODE),
GONE("\033[?9001h", MODE), GONE("\033[?1061h", MODE), GONE("\033[?1049r", MODE), GONE("\033[?1:2h", MALFORMED),
GONE("\033[>1h", UNKNOWN), GONE("\033[>1s", UNKNOWN), GONE("\033[>1p", UNKNOWN),

/* --- keys ----------------------------------------------------------------------------------- */
SAME("\033[>1u"), SAME("\033[<u"), SAME("\033[<1u"), SAME("\033[=5;1u"), SAME("\033[>4;2m"), SAME("\033[>4;m"), SAME("\033[>4m"),
SAME("\033[>m"), SAME("\033[>4n"), GONE("\033[>9;1m", MODE),

/* --- questions: fixed answers pass, answers that the payload could write do not -------------- */
SAME("\033[c"), SAME("\033[0c"), SAME("\033[>c"), SAME("\033[>0c"), SAME("\033[>q"), SAME("\033[>0q"), SAME("\033[5n"),
SAME("\033[6n"), SAME("\033[?6n"), SAME("\033[?996n"), SAME("\033[?u"), SAME("\033[?2026$p"), SAME("\033[4$p"), SAME("\033[?4m"),
SAME("\033[14t"), SAME("\033[16t"), SAME("\033[18t"), SAME("\033[14;2t"), SAME("\033[?1;1;0S"), SAME("\033[?2;4;0S"),
GONE("\033[=c", QUERY), GONE("\033[=0c", QUERY), GONE("\033[1c", QUERY), GONE("\033[>1c", QUERY), GONE("\033[?c", QUERY),
GONE("\033[>2q", QUERY), GONE("\033[n", QUERY), GONE("\033[7n", QUERY), GONE("\033[?15n", QUERY), GONE("\033[?25n", QUERY),
GONE("\033[?26n", QUERY), GONE("\033[?53n", QUERY), GONE("\033[?62n", QUERY), GONE("\033[?63;1n", QUERY), GONE("\033[?75n", QUERY),
GONE("\033[x", QUERY), GONE("\033[1x", QUERY), GONE("\033[1;1;1;1;5;5*y", QUERY), GONE("\033[1$u", QUERY), GONE("\033[2;1$u", QUERY),
GONE("\033[1$w", QUERY), GONE("\033[2$w", QUERY), GONE("\033[&u", QUERY), GONE("\033[\"v", QUERY), GONE("\033['|", QUERY),
GONE("\033[1;2'z", QUERY), GONE("\033[1'{", QUERY), GONE("\033[#|", QUERY), GONE("\033[1;1;2;2#|", QUERY), GONE("\033[#R", QUERY),
GONE("\033[#S", QUERY), GONE("\033[1+p", QUERY), GONE("\033[?1;3;256S", QUERY), GONE("\033Z", QUERY), GONE("\033[6;1n", QUERY),
GONE("\033[0;0c", QUERY), GONE("\033[20t", TITLE_REPORT), GONE("\033[21t", TITLE_REPORT), GONE("\033[21;1t", TITLE_REPORT),

/* --- windows, printers, parsers, character sets ---------------------------------------------- */
SAME("\033[22t\033[23t"), SAME("\033[22;0;0t\033[23;0;0t"), SAME("\033[23;2t"),
GONE("\033[t", WINDOW), GONE("\033[1t", WINDOW), GONE("\033[2t", WINDOW), GONE("\033[3;0;0t", WINDOW), GONE("\033[4;10;10t", WINDOW),
GONE("\033[5t", WINDOW), GONE("\033[6t", WINDOW), GONE("\033[7t", WINDOW), GONE("\033[8;1;1t", WINDOW), GONE("\033[9;1t", WINDOW),
GONE("\033[10;1t", WINDOW), GONE("\033[11t", WINDOW), GONE("\033[13t", WINDOW), GONE("\033[15t", WINDOW), GONE("\033[19t", WINDOW),
GONE("\033[24t", WINDOW), GONE("\033[132t", WINDOW), GONE("\033[>2t", UNKNOWN), GONE("\033[80$|", WINDOW), GONE("\033[24*|", WINDOW),
GONE("\033[2$~", WINDOW), GONE("\033[1$}", WINDOW), GONE("\033[i", PRINT), GONE("\033[0i", PRINT), GONE("\033[4i", PRINT),
GONE("\033[5i", PRINT), GONE("\033[?1i", PRINT), GONE("\033[?5i", PRINT), GONE("\033[10i", PRINT),
GONE("\033[62;0\"p", CHARSET), GONE("\033[61\"p", CHARSET), GONE("\033%@", CHARSET), SAME("\033%G"), GONE("\033 G", CHARSET),
SAME("\033 F"), SAME("\033(B"), SAME("\033(0"), SAME("\033)0"), SAME("\033*A"), SAME("\033+B"), SAME("\033(U"),
GONE("\033-A", CHARSET), GONE("\033.A", CHARSET), GONE("\033/A", CHARSET), GONE("\033$B", CHARSET), GONE("\033N", CHARSET),
GONE("\033O", CHARSET), GONE("\033n", CHARSET), GONE("\033o", CHARSET), GONE("\033~", CHARSET), GONE("\033}", CHARSET),
GONE("\033|", CHARSET), GONE("\033$(C", UNKNOWN), GONE("\033([", UNKNOWN), GONE("\033(%5", UNKNOWN),
GONE("\033[12]", UNKNOWN), GONE("\033[[", UNKNOWN), GONE("\033[^", UNKNOWN), GONE("\033[#{", UNKNOWN), GONE("\033[#P", UNKNOWN),

/* --- odd ones --------------------------------------------------------------------------------- */
MADE("\033[3\n1m", "\n\033[31m", NONE), MADE("\033[31\r\nm", "\r\n\033[31m", NONE), MADE("\033\n[1m", "\n\033[1m", NONE),
MADE("\033[3\x05""1m", "\033[31m", QUERY), MADE("\033[3\x7f""1m", "\033[31m", CONTROL), MADE("\033[3\033[1m", "\033[1m", MALFORMED),
MADE("\033\033[1m", "\033[1m", MALFORMED), MADE("\033[3\x18""1m", "1m", MALFORMED), MADE("\033[3\x1a""1m", "1m", MALFORMED),
MADE("\033\x18[1m", "[1m", MALFORMED), MADE("\033[3\xc3\xa9m", "\xc3\xa9m", MALFORMED), MADE("\033\xc3\xa9", "\xc3\xa9", MALFORMED),
GONE("\033[1?2h", MALFORMED), GONE("\033[?>1h", MALFORMED), GONE("\033[1 2q", MALFORMED), GONE("\033[1 !q", MALFORMED),
GONE("\033[" DIGITS256 "m", OVERLONG), GONE("\033(" SPACES256 "B", OVERLONG),
