//! What mutations write: names, dates, attributes, odd pieces of XML.

/// Elements of the schemas, and some that are not.
pub const NAMES: &[&str] = &[
    "GAREtab", "GARMEF", "GARMatiere", "GAREleve", "GAREnseignant", "GARRespAff", "GARPersonMEF", "GARPersonMEFSTAT4",
    "GAREleveEnseignement", "GARGroupe", "GARPersonGroupe", "GAREnsGroupeMatiere", "GAREnsClasseMatiere", "GARPersonIdentifiant",
    "GARPersonProfils", "GARPersonProfil", "GARPersonIdSecondaire", "GARPersonNomPatro", "GARPersonNom", "GARPersonPrenom",
    "GARPersonAutresPrenoms", "GARPersonCivilite", "GARPersonStructRattach", "GARPersonEtab", "GARPersonDateNaissance",
    "GAREnsDisciplinesPostes", "GAREnsDisciplinePosteCode", "GAREnsSpecialitesPostes", "GAREnsSpecialitePosteCode", "GARPersonMail",
    "GARRespAffEtab", "GARMEFCode", "GARMatiereCode", "GARMEFSTAT4Code", "GARStructureUAI", "GARStructureNomCourant",
    "GAREtablissementStructRattachFctl", "GARStructureContrat", "GARStructureTelephone", "GARStructureEmail", "GARMEFLibelle",
    "GARMEFRattach", "GARMEFSTAT11", "GARMatiereLibelle", "GARGroupeCode", "GARGroupeLibelle", "GARGroupeStatut",
    "GARGroupeDivAppartenance", "GAR-ENT-Etab", "GARPersonMel", "garpersonnom", "GARPersonNOM", "div", "é", "GARPersonNom.x", "_1",
];

pub const DATES: &[&str] = &[
    "", " ", "2012-02-29", "2011-02-29", "1900-02-29", "2000-02-29", "2012-13-01", "2012-00-10", "2012-01-32", "2012-01-00", "2012-04-31",
    "29/02/2012", "20120229", "2012-2-9", "12-02-29", "2012-02-29Z", "2012-02-29+14:00", "2012-02-29+14:01", "2012-02-29-14:00",
    "2012-02-29+1:00", "2012-02-29+01", "2012-02-29+0100", "2012-02-29z", "2012-02-29 Z", "2012-02-29+24:00", "2012-02-29+01:60",
    "2012-02-29+00:00", "2012-02-29-00:00", "2012-02-29T00:00:00", "2012-02-29T24:00:00Z", "0000-01-01", "0001-01-01", "-0001-12-31",
    "-0000-01-01", "-2012-02-29", "12012-02-29", "02012-02-29", "012012-02-28", "+2012-02-29", "--02-29", "2012-02", "2012",
    "9999999-12-31", "2012-02-28 ", " 2012-02-28", "\n2012-02-28\n", "2012-02-28\t", "2012 -02-28", "2012-02-28x", "２０１２-02-28", "٢٠١٢-02-28",
    "2012\u{2010}02\u{2010}28", "2012-02-28\u{a0}", "2012-02-<!-- x -->28", "<![CDATA[2012-02-28]]>", "2012-02-&#50;8", "&#32;2012-02-28",
    "2012-02-28&#10;", "2012-02-28&amp;", "1e3-01-01", "2012-02-28,", "NaN", "2012-0a-28", "-12012-02-28", "--2012-02-28",
];

pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

pub const ATTRIBUTES: &[&str] = &[
    " id='1'", " Version='1.0'", " Version=''", " version='1.0'", " xsi:nil='true'", " xsi:nil='false'", " xsi:nil='0'", " xsi:type='xs:string'",
    " xsi:type=''", " xsi:schemaLocation='a b'", " xsi:schemaLocation=''", " xsi:noNamespaceSchemaLocation='a.xsd'", " xsi:other='1'",
    " xml:lang='fr'", " xml:space='preserve'", " men:Version='1'", " men:id='1'", " nope:id='1'", " nope:schemaLocation='a'", " xmlns:a='b'",
    " xmlns='x'", " xmlns=''", " xmlns:men='x'", " xmlns:men=''", " xmlns:xsi='x'", " xmlns:xml='http://www.w3.org/XML/1998/namespace'",
    " id='1' id='2'", " id=1", " id", " id='<'", " id='&eacute;'", " id='&amp;'", " id='&#0;'", " id=\"'\"", " id = 'x' ", "\n\tid='x'\n",
    " id='a'name='b'", " =''", " ", "\n", "\t ", " /", " '", " xmlns:b='c' xmlns:b='d'", " xmlns:s='http://www.w3.org/2001/XMLSchema-instance' s:schemaLocation='a b'",
    " xmlns:s='http://www.w3.org/2001/XMLSchema-instance' s:nil='true'", " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'",
    " Version='1' Version='2'", " xsi:schemaLocation='&amp;'", " xsi:schemaLocation='&x;'", " xmlns:x='&y;'", " é='1'", " 1a='1'", " a:b:c='1'",
];

/// Pieces to drop anywhere inside an element.
pub const PIECES: &[&str] = &[
    "<!-- un commentaire -->", "<!---->", "<!-- a -- b -->", "<!-- a --->", "<!-- <men:GAREleve> -->", "<!-- </men:GARPersonNom> -->", "<!-- \u{1} -->",
    "<?pi données?>", "<?pi?>", "<??>", "<?xml version=\"1.0\"?>", "<?XML a?>", "<?xml-stylesheet href='a'?>", "<? pi?>", "<?pi <men:GARGroupe> ?>",
    "<![CDATA[]]>", "<![CDATA[ ]]>", "<![CDATA[texte]]>", "<![CDATA[<men:GAREleve>]]>", "<![CDATA[]]]]><![CDATA[>]]>", "<![CDATA[\u{b}]]>", "<![cdata[x]]>",
    "texte", " ", "\n\t\r\n ", "\u{a0}", "\u{85}", "\u{2028}", "\u{feff}", "\u{fffe}", "\u{ffff}", "\u{fffd}", "\u{7f}", "\u{80}", "\u{9f}", "\u{0}", "\u{1}", "\u{b}", "\u{1f}",
    "&#9;", "&#x20;", "&#65;", "&#x1F600;", "&#0;", "&#1;", "&#xB;", "&#x7F;", "&#xD800;", "&#xFFFE;", "&#xFFFF;", "&#x110000;", "&#;", "&#x;", "&#xG;", "&# 65;", "&#65",
    "&#0000000000000065;", "&#X41;", "&#-1;", "&#99999999999;", "&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&eacute;", "&nbsp;", "&foo;", "&AMP;", "& ", "&", "&;", "&amp", "&a b;", "&#160;",
    "<", "< ", ">", "]]>", "]]&gt;", "\"", "'", "--", "<>", "</>", "<a/>", "<men:a/>", "<men:GARPersonNom/>", "<men:GARPersonNom>x</men:GARPersonNom>",
    "<men:GAREleve/>", "<men:GARGroupe></men:GARGroupe>", "<a>", "</a>", "</men:GAREleve>", "<men:GAREleve>", "<men :GAREleve/>", "<!DOCTYPE a>", "<!ELEMENT a EMPTY>", "<!", "<!-", "<!--",
    "<![CDATA[", "<?", "<?pi", "</", "<men:GARPersonNom", "<é/>", "<a b='c'/>", "<a b='c>'/>", "e\u{301}", "𝒳", "<1a/>", "<-a/>", "<a:b:c/>", "<:a/>", "<a:/>", "<nope:a/>",
];

/// What stands before the root instead of the declaration.
pub const PROLOGS: &[&str] = &[
    "", "<?xml version=\"1.0\"?>\n", "<?xml version='1.0' encoding='utf-8'?>\n", "<?xml version=\"1.1\" encoding=\"UTF-8\"?>\n", "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<?xml version=\"1.0\" standalone=\"no\"?>\n", "<?xml version=\"1.0\" standalone=\"maybe\"?>\n", "<?xml encoding=\"UTF-8\"?>\n", "<?xml version=\"1.0\" encoding=\"\"?>\n", "<?xml version=\"2.0\"?>\n",
    "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n", "<?xml version = \"1.0\" encoding = \"UTF-8\"?>\n", "<?xml encoding=\"UTF-8\" version=\"1.0\"?>\n", "<?xml version=\"1.0\"encoding=\"UTF-8\"?>\n",
    "<?xml version=\"1.0\" encoding=\"ISO-8859-42\"?>\n", "<?xml version=\"1.0\" encoding=\"US-ASCII\"?>\n", "<?xml version=\"1.0\" encoding=\"utf8\"?>\n", "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone='no' ?>\n<!-- a -->\n<?b c?>\n",
    "\n<?xml version=\"1.0\"?>\n", " <?xml version=\"1.0\"?>", "<!-- a --><?xml version=\"1.0\"?>\n", "<?xml version=\"1.0\"?><?xml version=\"1.0\"?>", "<?xml?>\n", "<?xml version=1.0?>\n", "texte\n", "&#65;", "\u{feff}", "\n\n",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- b", "<!-- a -- b -->\n", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE men:GAR-ENT-Etab>\n", "<!DOCTYPE a SYSTEM \"a.dtd\">\n", "<!DOCTYPE a [<!ENTITY foo \"bar\">]>\n", "<!DOCTYPE a [<!ENTITY foo SYSTEM \"foo\">]>\n",
    "<!DOCTYPE a><!DOCTYPE a>\n", "<!DOCTYPE>\n", "<!doctype a>\n", "<!DOCTYPE a [<!ELEMENT b ANY> %x;]>\n", "<!DOCTYPE a [<!ENTITY a 'b'", "<![CDATA[]]>\n", "<!ELEMENT a EMPTY>\n",
];

/// What follows the root.
pub const EPILOGS: &[&str] = &["\n\n", "<!-- fin -->\n", "<?fin ?>\n", "fin\n", "<a/>\n", "</men:GAR-ENT-Etab>\n", "<![CDATA[ ]]>", "&#32;", "\u{feff}", "<!DOCTYPE a>", "<!-- ", "<", "\u{0}", "\u{1a}", "<?xml version=\"1.0\"?>", "<men:GAREleve/>", "&amp;", "]]>", "<!-- a -- b -->"];
