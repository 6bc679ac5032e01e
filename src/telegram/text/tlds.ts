/**
 * Endings that make a link of a host without a scheme. Telegram knows the whole list of IANA; these are
 * the country codes and the generic names in common use.
 */

export const COUNTRY_TLDS: ReadonlySet<string> = new Set(
  (
    'ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ' +
    'ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk ' +
    'fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir ' +
    'is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ' +
    'ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl ' +
    'pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc ' +
    'td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw ' +
    'рф укр бел қаз срб мкд'
  ).split(' '),
);

export const COMMON_TLDS: ReadonlySet<string> = new Set(
  (
    'com net org info biz name pro edu gov mil int aero asia cat coop jobs mobi museum post tel travel xxx ' +
    'academy agency app art auction band bar best bike bio blog bot builders business cafe camp cards care ' +
    'cash center chat church city click clinic cloud club codes coffee college community company computer ' +
    'consulting cool cards dance date deals delivery dental design dev digital direct directory download ' +
    'education email energy engineering estate events exchange expert express family fans farm fashion film ' +
    'finance fit fitness flights fm football forum fund fun fyi gallery game games garden gift gifts global ' +
    'gold golf group guide guru health help home host hosting hotel house icu inc ink institute insure ' +
    'international jewelry land law legal life limited link live loan lol love ltd management market ' +
    'marketing media men menu moda money music network news ninja one online page parts party photo photos ' +
    'pics pictures pizza place plus press productions promo pub quest radio recipes red rent repair report ' +
    'rest restaurant review reviews rip rocks run sale school science security services sexy shop shopping ' +
    'show site social software solar solutions space sport store stream studio style support surf systems ' +
    'taxi team tech technology theater tips today tools top tours town toys trade training tube university ' +
    'vacations ventures vet video vip vision vodka vote wang watch webcam website wiki win wine work works ' +
    'world wtf xyz yoga zone google ton онлайн сайт дети москва орг ком'
  ).split(' '),
);
