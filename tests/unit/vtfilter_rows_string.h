/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of strings: OSC, DCS, APC and the others. See test_vtfilter.c for the macros. */
/* clang-format off */

/* --- clipboard -------------------------------------------------------------------------------- */
GONE("\033]52;c;Y3VybCB4IHwgc2g=\a", CLIPBOARD), GONE("\033]52;c;?\a", CLIPBOARD), GONE("\033]52;;eA==\033\\", CLIPBOARD),
GONE("\033]52;p;eA==\033\\", CLIPBOARD), GONE("\033]52;c;!\a", CLIPBOARD), GONE("\033]52\a", CLIPBOARD), GONE("\033]052;c;eA==\a", CLIPBOARD),
GONE("\033]00052;c;eA==\a", CLIPBOARD), GONE("\033]000052;c;eA==\a", UNKNOWN), GONE("\033]5522;type=write\a", CLIPBOARD),
GONE("\033]1337;Copy=:eA==\a", CLIPBOARD), GONE("\033]1337;CopyToClipboard=\a", CLIPBOARD), GONE("\033]1337;EndCopy\a", CLIPBOARD),
GONE("\033]52;c;" DIGITS4096 "\a", CLIPBOARD), GONE("\033]52;c;\xc3\xa9\a", CLIPBOARD), GONE("\033]52;c;\n\a", CLIPBOARD),
GONE("\033] 52;c;eA==\a", UNKNOWN), GONE("\033];52;c;eA==\a", UNKNOWN), GONE("\033]52:c;eA==\a", UNKNOWN),
MADE("\033]52;c;eA==\x18""z", "z", MALFORMED), MADE("\033]52;c;eA==\033[1m", "\033[1m", MALFORMED),
GONE("\033]52;c;eA==\xc2\x9c""still\a", CLIPBOARD), GONE("\033]52;c;eA==\x9c""still\a", CLIPBOARD),

/* --- titles ----------------------------------------------------------------------------------- */
SAME("\033]0;title\a"), SAME("\033]1;icon\033\\"), SAME("\033]2;\xe2\x9c\xb3 Claude Code\a"), SAME("\033]0;\a"), SAME("\033]2;#1 #a\a"),
SAME("\033]0\a"), SAME("\033]2;a;b;c\a"), SAME("\033]0;~/src (main) $ make -j4\a"),
MADE("\033]0;a\nb\a", "\033]0;ab\a", TITLE), MADE("\033]0;a\xc2\x9b""b\a", "\033]0;ab\a", TITLE), MADE("\033]0;a\x9c""b\a", "\033]0;ab\a", TITLE),
MADE("\033]0;a\xff""b\a", "\033]0;ab\a", TITLE), MADE("\033]0;a\x7f""b\a", "\033]0;ab\a", TITLE), MADE("\033]2;#(touch x)\a", "\033]2;(touch x)\a", TITLE),
MADE("\033]2;##(x)\a", "\033]2;(x)\a", TITLE), MADE("\033]2;#\x01(x)\a", "\033]2;(x)\a", TITLE), MADE("\033]2;#[fg=red]\a", "\033]2;[fg=red]\a", TITLE),
MADE("\033]2;#{x}\a", "\033]2;{x}\a", TITLE),
MADE("\033]2;\xe2\x82\a", "\033]2;\a", TITLE), MADE("\033]0;" DIGITS256 "x\a", "\033]0;" DIGITS256 "\a", TITLE), SAME("\033]0;" DIGITS256 "\a"),
GONE("\033]0;" DIGITS4096 "\a", OVERLONG), GONE("\033]l;x\033\\", UNKNOWN), GONE("\033]L;x\033\\", UNKNOWN), GONE("\033kname\033\\", WINDOW_NAME),
GONE("\033k#(touch x)\033\\", WINDOW_NAME), GONE("\033]3;WM_NAME=x\a", WINDOW), MADE("\033]0;a\033[1mb", "\033[1mb", MALFORMED),
MADE2("\033]0;;id\a\033[21t", "\033]0;;id\a", TITLE_REPORT, 1),

/* --- colours ------------------------------------------------------------------------------------ */
SAME("\033]4;1;rgb:12/34/56\a"), SAME("\033]4;1;#123456;2;red\033\\"), SAME("\033]104\a"), SAME("\033]104;1;2\a"), SAME("\033]10;#fff\a"),
SAME("\033]11;rgb:0/0/0\a"), SAME("\033]12;light sea green\033\\"), SAME("\033]17;red\a"), SAME("\033]19;red\a"), SAME("\033]10;red;blue\a"),
SAME("\033]110\a"), SAME("\033]111\033\\"), SAME("\033]112\a"), SAME("\033]117\a"), SAME("\033]119\a"), SAME("\033]11;rgba:0000/0000/0000/8000\a"),
SAME("\033]10;?\a"), SAME("\033]11;?\033\\"), SAME("\033]12;?\a"), SAME("\033]11;red\a\033]111\a\033]11;?\a"),
MADE("\033]11;rgb:1/2/3\a\033]11;?\a", "\033]11;rgb:1/2/3\a", QUERY), MADE("\033]10;red;blue\a\033]11;?\a", "\033]10;red;blue\a", QUERY),
GONE("\033]12;red;blue\a", UNKNOWN), GONE("\033]10;1;2;3;4\a", UNKNOWN), GONE("\033]17;red;blue\a", UNKNOWN), GONE("\033]4;1;?\a", QUERY), GONE("\033]4;1;red;2;?\a", QUERY), GONE("\033]10;?;?\a", QUERY), GONE("\033]17;?\a", QUERY), GONE("\033]5;0;?\a", UNKNOWN),
GONE("\033]13;red\a", UNKNOWN), GONE("\033]105\a", UNKNOWN), GONE("\033]4;1;$(id)\a", MALFORMED), GONE("\033]4;\a", MALFORMED),
GONE("\033]11;red\nblue\a", MALFORMED), GONE("\033]11;r\xc3\xa9""d\a", MALFORMED), GONE("\033]111;x\a", MALFORMED), GONE("\033]104;?\a", MALFORMED),
GONE("\033]21;foreground=?\033\\", QUERY), GONE("\033]50;?\a", QUERY), GONE("\033]50;#1\a", QUERY), GONE("\033]60\a", QUERY), GONE("\033]61;allowWindowOps\a", QUERY),
GONE("\033]P0123456", UNKNOWN), GONE("\033]R", UNKNOWN), GONE("\033]PF00ff00", UNKNOWN),

/* --- links ---------------------------------------------------------------------------------------- */
SAME("\033]8;;https://example.org/x?y=1#z\033\\text\033]8;;\033\\"), SAME("\033]8;id=1;http://example.org\atext\033]8;;\a"), SAME("\033]8;;mailto:a@example.org\a"),
SAME("\033]8;;HTTPS://example.org\a"), SAME("\033]8;;https://example.org/a;b\a"), SAME("\033]8;;\a"), SAME("\033]8;id=x:a=b;\a"),
MADE("\033]8;;file:///etc/passwd\a", "\033]8;;\a", LINK), MADE("\033]8;;ssh://host\033\\", "\033]8;;\033\\", LINK), MADE("\033]8;;javascript:x\a", "\033]8;;\a", LINK),
MADE("\033]8;id=1;vscode://x\a", "\033]8;;\a", LINK), MADE("\033]8;;x-man-page://ls\a", "\033]8;;\a", LINK), MADE("\033]8;;/etc/passwd\a", "\033]8;;\a", LINK),
MADE("\033]8;;https://a b\a", "\033]8;;\a", LINK), MADE("\033]8;;https://\xc3\xa9\a", "\033]8;;\a", LINK), MADE("\033]8;;https://a\nb\a", "\033]8;;\a", LINK),
MADE("\033]8;;https:/a\a", "\033]8;;\a", LINK), MADE("\033]8;;" "https://" DIGITS2080 "\a", "\033]8;;\a", LINK), MADE("\033]8;i d;https://a\a", "\033]8;;\a", LINK),
MADE("\033]8;" DIGITS256 "x;https://a\a", "\033]8;;\a", LINK), MADE("\033]8;; https://a\a", "\033]8;;\a", LINK), MADE("\033]8;;data:text/html,x\a", "\033]8;;\a", LINK),
GONE("\033]8\a", MALFORMED), GONE("\033]8;x\a", MALFORMED), GONE("\033]8;;https://" DIGITS4096 "\a", OVERLONG),

/* --- desktop, shells, files -------------------------------------------------------------------- */
SAME("\033]9;4;1;50\a"), SAME("\033]9;4;0\a"), SAME("\033]9;4;3;\033\\"), SAME("\033]9;4;1;100\a"),
GONE("\033]9;hello\a", NOTIFICATION), GONE("\033]9;4;1;50x\a", NOTIFICATION), GONE("\033]9;9;/tmp\a", NOTIFICATION), GONE("\033]9;6;x\a", NOTIFICATION),
GONE("\033]9\a", NOTIFICATION), GONE("\033]777;notify;a;b\a", NOTIFICATION), GONE("\033]777;x;y\033\\", NOTIFICATION), GONE("\033]99;;hello\033\\", NOTIFICATION),
GONE("\033]7;file://host/etc\a", PLACE), GONE("\033]6;file:///x\a", PLACE), GONE("\033]1337;CurrentDir=/etc\a", PLACE), GONE("\033]1337;RemoteHost=r@h\a", PLACE),
GONE("\033]133;A\a", SHELL_MARK), GONE("\033]133;D;0\033\\", SHELL_MARK), GONE("\033]633;E;rm\a", SHELL_MARK), GONE("\033]3008;start=x\033\\", SHELL_MARK),
GONE("\033]1337;SetMark\a", SHELL_MARK), GONE("\033]1337;ShellIntegrationVersion=1\a", SHELL_MARK), GONE("\033]1337;RequestAttention=yes\a", NOTIFICATION),
GONE("\033]1337;ReportVariable=c2Vzc2lvbg==\a", QUERY), GONE("\033]1337;ReportCellSize\a", QUERY), GONE("\033]1337;RequestUpload=format=tgz\a", TRANSFER),
GONE("\033]1337;SetUserVar=a=b\a", UNKNOWN), GONE("\033]1337;SetProfile=x\a", UNKNOWN), GONE("\033]1337;OpenURL=:eA==\a", UNKNOWN), GONE("\033]1337\a", UNKNOWN),
GONE("\033]20;/etc/x.png\a", TRANSFER), GONE("\033]46;/tmp/log\a", TRANSFER), GONE("\033]55;/tmp/dump\a", TRANSFER), GONE("\033]83;exec\033\\", PASSTHROUGH),
GONE("\033]51;[\"call\",\"Tapi_x\",[]]\a", PASSTHROUGH), GONE("\033]51;A/tmp\033\\", PASSTHROUGH), GONE("\033]701;x\a", UNKNOWN), GONE("\033]30001\033\\", UNKNOWN),
GONE("\033]99999;x\a", UNKNOWN), GONE("\033]123456;x\a", UNKNOWN), GONE("\033]x\a", UNKNOWN), GONE("\033]\a", UNKNOWN), GONE("\033]\033\\", UNKNOWN),
GONE("\033]22;pointer\a", UNKNOWN), GONE("\033]66;s=2;big\a", UNKNOWN), GONE("\033]176;app\a", UNKNOWN),

/* --- device control strings ---------------------------------------------------------------------- */
GONE("\033P$qm\033\\", QUERY), GONE("\033P$q\"p\033\\", QUERY), GONE("\033P+q544e\033\\", QUERY), GONE("\033P+p544e=41\033\\", DEVICE),
GONE("\033P1;1|17/0d\033\\", DEVICE), GONE("\033P1;0;0!zls\033\\", DEVICE), GONE("\033P1;1;1;10;0;2;12;0{ @???\033\\", DEVICE), GONE("\033P1$t1;1;1\033\\", DEVICE),
GONE("\033P=1s\033\\", MODE), GONE("\033Ptmux;\033\033]52;c;eA==\a\033\\", PASSTHROUGH), GONE("\033Ptmux;\033\033[21t\033\\", PASSTHROUGH),
GONE("\033Ptmux;\033\033Ptmux;\033\033\033\033]0;x\a\033\033\\\033\\", PASSTHROUGH),
GONE("\033P1000p%begin\033\\", PASSTHROUGH), GONE("\033P@kitty-cmd{\"cmd\":\"ls\"}\033\\", PASSTHROUGH), GONE("\033Pp\033\\", PASSTHROUGH),
GONE("\033P\033\\", UNKNOWN), GONE("\033P1;2\033\\", UNKNOWN), GONE("\033P>|x\033\\", UNKNOWN), GONE("\033P?q\033\\", UNKNOWN),
GONE("\033P\nq\033\\", MALFORMED), GONE("\033P\xc3\xa9q\033\\", MALFORMED), GONE("\033P" DIGITS256 "q\033\\", MALFORMED),
MADE2("\033P\033]52;c;eA==\a\033\\", "\033\\", PASSTHROUGH, 1, CLIPBOARD, 1), GONE("\033P$qm\aBEL is no end\033\\", QUERY),
MADE2("\033P$qm\033[1m", "\033[1m", QUERY, 1), MADE2("\033P$qm\x18z", "z", QUERY, 1),

/* --- images ------------------------------------------------------------------------------------------ */
SAME("\033Pq\033\\"), SAME("\033P0;0;0q\"1;1;2;2#0;2;0;0;0#0!2~-!2~\033\\"), SAME("\033Pq#0;2;0;0;0\r\n#0~~@@vv\n\033\\"),
MADE("\033Pq~~\a~~\033\\", "\033Pq~~\033\\", IMAGE), MADE("\033Pq~~\xc2\x9b""21t\033\\", "\033Pq~~\033\\", IMAGE), MADE("\033Pq~~\033[1m", "\033Pq~~\033\\\033[1m", IMAGE),
MADE("\033Pq~~\x18~~", "\033Pq~~\033\\~~", IMAGE), MADE2("\033Pq~~\033\033\\", "\033Pq~~\033\\\033\\", IMAGE, 1, MALFORMED, 1),
MADE2("\033Pq~~\033]52;c;eA==\a", "\033Pq~~\033\\", IMAGE, 1, CLIPBOARD, 1),
SAME("\033]1337;File=inline=1:eA==\a"), SAME("\033]1337;File=name=eA==;size=4;width=auto;height=50%;preserveAspectRatio=0;inline=1:eA==\033\\"),
SAME("\033]1337;File=inline=1:\a"), GONE("\033]1337;File=inline=0:eA==\a", TRANSFER), GONE("\033]1337;File=:eA==\a", TRANSFER), GONE("\033]1337;File=name=eA==:eA==\a", TRANSFER),
GONE("\033]1337;File=inline=1;inline=0:eA==\a", TRANSFER), GONE("\033]1337;File=inline=1;evil=1:eA==\a", TRANSFER), GONE("\033]1337;File=inline=1x:eA==\a", TRANSFER),
GONE("\033]1337;File=inline=1\a", TRANSFER), GONE("\033]1337;MultipartFile=inline=1\a", TRANSFER), GONE("\033]1337;FilePart=eA==\a", TRANSFER), GONE("\033]1337;FileEnd\a", TRANSFER),
GONE("\033]1337;File=inline=1;name=\n:eA==\a", TRANSFER), MADE("\033]1337;File=inline=1:eA==\nrm -rf\a", "\033]1337;File=inline=1:eA==\033\\", IMAGE),
MADE("\033]1337;File=inline=1:eA==\033[1m", "\033]1337;File=inline=1:eA==\033\\\033[1m", IMAGE),
SAME("\033_Ga=T,f=100,q=2;eA==\033\\"), SAME("\033_Ga=q,i=31,s=1,v=1,t=d,f=24;AAAA\033\\"), SAME("\033_Gm=1,q=2;eA==\033\\"), SAME("\033_Gq=2;\033\\"),
SAME("\033_Ga=d,d=A,q=2\033\\"), MADE("\033_Ga=d\033\\", "\033_Ga=d,q=2\033\\", NONE), MADE("\033_Gq=1,a=T,f=100;eA==\033\\", "\033_Ga=T,f=100,q=2;eA==\033\\", NONE),
MADE("\033_Gm=0;eA==\033\\", "\033_Gm=0,q=2;eA==\033\\", NONE), MADE("\033_G;eA==\033\\", "\033_Gq=2;eA==\033\\", NONE), MADE("\033_Ga=p,i=1,z=-5\033\\", "\033_Ga=p,i=1,z=-5,q=2\033\\", NONE),
GONE("\033_Gt=f;L2V0Yy9wYXNzd2Q=\033\\", TRANSFER), GONE("\033_Ga=T,t=t;L3RtcC94\033\\", TRANSFER), GONE("\033_Ga=T,t=s;eA==\033\\", TRANSFER), GONE("\033_Gt=f,t=d;eA==\033\\", APPLICATION),
GONE("\033_Gt=d,t=f;eA==\033\\", APPLICATION), GONE("\033_Ga=x;eA==\033\\", APPLICATION), GONE("\033_Ga=TT;eA==\033\\", APPLICATION), GONE("\033_Ga;eA==\033\\", APPLICATION),
GONE("\033_Ga=T,;eA==\033\\", APPLICATION), GONE("\033_Gaa=T;eA==\033\\", APPLICATION), GONE("\033_Gt=dd;eA==\033\\", TRANSFER), GONE("\033_Ga=q,t=f,i=1;eA==\033\\", TRANSFER),
MADE("\033_Gq=2;eA==\a\033\\", "\033_Gq=2;eA==\033\\", IMAGE), MADE("\033_Gq=2;eA==\xc2\x9c\033\\", "\033_Gq=2;eA==\033\\", IMAGE),
MADE2("\033_Gq=2;e\033[21t", "\033_Gq=2;e\033\\", IMAGE, 1, TITLE_REPORT, 1), GONE("\033_G" DIGITS1024 ";\033\\", APPLICATION),

/* --- the other strings ---------------------------------------------------------------------------------- */
GONE("\033_hello\033\\", APPLICATION), GONE("\033_\033\\", APPLICATION), GONE("\033_tmux;x\033\\", APPLICATION), GONE("\033^private\033\\", APPLICATION),
GONE("\033Xstart\033\\", APPLICATION), GONE("\033X\033\\", APPLICATION), GONE("\033_a\ab\033\\", APPLICATION), MADE("\033Xa\033[1mb", "\033[1mb", APPLICATION),
MADE("\033^a\x18""b", "b", APPLICATION), GONE("\033X\xc2\x9c""21t\x9c\033\\", APPLICATION),
