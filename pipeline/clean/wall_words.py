"""The words by which walls, forms, errors and removals are known, in the languages of the sources: a pattern a line."""

# A pattern a line.
# ruff: noqa: E501
from __future__ import annotations

import re

from pipeline.clean.phrases import any_of

# They speak to a visitor that may be a robot.
BOT_WALL = any_of(r"""
    checking (?:if the site connection is secure|your (?:browser|connection)|that you are human)
    (?:verif(?:y|ying)|confirm(?:ing)?|mak(?:e|ing) sure|check(?:ing)?) (?:that )?you(?: are|'re) (?:a |really )?(?:human|not a (?:ro)?bot)
    we(?: are|'re) verifying your browser
    (?:ha(?:s|ve)|are) (?:been )?identified as (?:a |an )?(?:automated|(?:ro)?bot)
    you(?: are|'re) not a (?:robot|bot)\b
    prove (?:that )?you(?: are|'re) (?:human|no robot|not a robot)
    press (?:and|&) hold to confirm
    enable javascript and cookies
    javascript and cookies (?:enabled|to continue)
    please enable (?:js|javascript) and disable any ad ?blocker
    attention required! \| cloudflare
    just a moment\.\.\.
    complete the (?:captcha|security check)
    unusual (?:traffic|activity) (?:from|coming from) your
    access to this page has been denied
    you (?:don't|do not) have permission to access
    you have been blocked
    your (?:request|ip(?: address)?|access) (?:has been|was|is) (?:temporarily )?(?:blocked|denied)
    request unsuccessful\. incapsula
    pardon our interruption
    security check to access
    bist du ein mensch
    (?:sie|du) kein roboter (?:sind|bist)
    ich bin kein roboter
    überprüf\w{0,10} .{0,20}browser
    ihr zugriff wurde (?:blockiert|gesperrt)
    vérifi\w{1,9} que vous (?:êtes|n'êtes pas) (?:bien )?(?:un )?(?:humain|robot|être humain)
    je ne suis pas un robot
    no (?:soy|eres|es) un robot
    (?:verificar|comprobar|confirme?) que (?:es|eres|no eres) (?:un )?(?:humano|robot)
    comprobando (?:su|tu) navegador
    não (?:é|sou) um robô
    non sono un robot
    ik ben geen robot
    я не робот
    (?:подтвердите|проверка),? что вы (?:не робот|человек)
    проверка (?:вашего )?браузера
    لست (?:برنامج )?روبوت
    التحقق من أنك (?:إنسان|بشر)
    请(?:先)?完成(?:下方)?(?:安全)?验证
    (?:向右)?(?:拖动|滑动)滑块
    请输入验证码
    访问过于频繁
    私はロボットではありません
    로봇이 아닙니다
""")
# They also stand in what is written about robots: as a heading they count, or where there is little else.
BOT_WORDS = any_of(r"""
    \bcaptcha\b
    are you a (?:robot|human)
    ddos[- ]protection
    access denied
    (?:403 )?forbidden
    too many requests
    error 10(?:05|06|10|15|20)\b
    security (?:check(?:point)?|verification)
    human verification
    bot verification
    robot check
    один момент
    доступ (?:ограничен|запрещ[её]н)
    zugriff verweigert
    accès (?:refusé|bloqué)
    acceso denegado
    人机验证
    (?:访问|安全)验证
""")
CONSENT = any_of(r"""
    before you continue to
    we (?:and our partners )?(?:use|value|care about) (?:cookies|your privacy)
    we and our (?:\d+ )?partners
    (?:accept|allow|agree to|reject) (?:all )?cookies
    (?:accept|reject|allow) all
    (?:accept|agree) and (?:continue|close)
    manage (?:my )?(?:preferences|choices|consent|cookies|settings)
    cookie (?:policy|settings|preferences)
    your privacy (?:choices|is important)
    store and/or access information
    (?:alle )?cookies (?:akzeptieren|zulassen|ablehnen)
    alle (?:akzeptieren|ablehnen)
    wir (?:und unsere (?:\d+ )?partner )?(?:verwenden|nutzen|brauchen|benötigen) (?:cookies|ihre zustimmung|ihre einwilligung)
    datenschutzeinstellungen
    einwilligung
    mit werbung (?:weiterlesen|lesen|weitersurfen)
    (?:zustimmen|akzeptieren) und weiter
    accepter (?:tous les )?cookies
    (?:tout|j') ?(?:accepter?|refuser)
    accepter et (?:continuer|fermer)
    continuer sans accepter
    gérer (?:mes|vos) (?:choix|cookies|préférences)
    (?:votre|vos|avec) consentements?
    aceptar (?:todas )?(?:las )?cookies
    aceptar (?:todo|y (?:continuar|cerrar))
    rechazar (?:todo|y)
    configurar cookies
    (?:su|tu) consentimiento
    utilizamos cookies
    accetta (?:tutti|e (?:continua|chiudi))
    rifiuta tutti
    gestisci (?:le )?(?:preferenze|opzioni)
    (?:alle )?cookies (?:accepteren|weigeren)
    (?:alles )?(?:accepteren|akkoord)
    gebruik(?:t|en) cookies
    godta alle
    acceptera alla
    принять все
    файлы cookie
    ملفات تعريف الارتباط
    (?:قبول|رفض) الكل
    (?:接受|拒绝)(?:所有|全部)\s*cookie
    (?:全部)?(?:接受|拒绝)全部
    cookie\s*(?:设置|政策)
    すべて(?:許可|拒否)
""")
REGION_WALL = any_of(r"""
    (?:not|un|isn't) ?available in your (?:country|region|location|territory|area)
    unavailable (?:due to|for) legal reasons
    unavailable in (?:your|most european)
    (?:country|located|users|visitors|region) .{0,60}european economic area
    (?:in ihrem land|in ihrer region) (?:leider )?nicht (?:verfügbar|abrufbar)
    (?:pas|non|n'est pas) (?:disponible|accessible) (?:dans|depuis) votre (?:pays|région)
    no (?:está|se encuentra) disponible en (?:su|tu) (?:país|región|ubicación)
    não está disponível (?:no seu país|na sua região)
    недоступ\w{0,3} в вашей стране
    غير متا?ح\w? في (?:بلدك|منطقتك|بلدكم)
    您所在的(?:国家|地区).{0,12}(?:不可用|无法|不支持)
    お住まいの(?:国|地域)では
""")
LOGIN = any_of(r"""
    (?:please )?(?:log|sign)[ -]?in(?: or (?:register|sign up|create an account)| to (?:your|continue|the|my) ?(?:account)?)?
    (?:member|subscriber|user|customer|account) (?:log|sign)[ -]?in
    members(?: only| area)
    anmelden(?: oder registrieren)?
    (?:bitte )?(?:loggen|melden) sie sich (?:bitte )?(?:ein|an)
    einloggen
    anmeldung
    (?:se )?connecter|connexion|connectez-vous|identifiez-vous
    (?:iniciar|inicia|inicie) sesión|acceso (?:de )?(?:usuarios|suscriptores)
    (?:entrar|fazer login|acesse sua conta)
    accedi|effettua l'accesso
    inloggen|log(?:ga|g) inn?|log ind|zaloguj się|logowanie
    вход(?: на сайт| в личный кабинет)?|войти|авторизация
    (?:用户|会员|帐号|账号)?(?:登录|登入)(?:后查看)?
    ログイン|로그인|giriş yap
    تسجيل الدخول
""")
LOGIN_ASK = any_of(r"""
    (?:please |you (?:must|need to|have to) )(?:be )?(?:sign|log)(?:ged)?[ -]?in (?:to|before) (?:see|view|access|continue|use|your)
    bitte (?:melden sie sich an|loggen sie sich ein)
    (?:melden|loggen) sie sich (?:bitte )?(?:an|ein),? um
    (?:veuillez )?(?:vous connecter|connectez-vous|identifiez-vous) (?:pour|à votre)
    (?:inicia|inicie) sesión para
    请(?:先)?登录
    يرجى تسجيل الدخول
""")
ERROR_PAGE = any_of(r"""
    page (?:not|can(?:no|')t be|could not be|was not) found
    (?:page|article|story) you (?:have |are |were )?(?:requested|look(?:ed|ing) for|trying to reach)(?: (?:could not|can(?:no|')t|was not|does not|doesn't|is not|isn't) (?:be )?(?:found|exist|here|available))?
    th(?:is|at) page (?:does not|doesn't|can't|could not|couldn't) (?:exist|be found)
    (?:we )?(?:can't|can not|couldn't|could not) find (?:that|the|this|your) page
    ^\W*not found\W*$
    nothing (?:was )?found here
    (?:internal )?server error
    bad gateway|gateway time-?out
    service (?:temporarily )?unavailable
    (?:something|it) went wrong
    (?:down|closed) for (?:scheduled )?maintenance|under maintenance|scheduled maintenance
    (?:we'll|we will) be (?:right )?back (?:soon|shortly)
    error establishing a database connection
    application error(?:: a (?:client|server)-side exception has occurred)?
    (?:diese |die (?:angeforderte )?)?seite (?:wurde )?(?:leider )?nicht (?:gefunden|verfügbar)(?: werden)?
    seite (?:existiert nicht|konnte nicht gefunden werden)
    wartungsarbeiten|wir sind gleich (?:wieder|zurück)
    (?:cette )?page (?:demandée )?(?:non trouvée|introuvable|n'existe (?:pas|plus))
    (?:site )?en maintenance|erreur interne
    (?:la )?página (?:solicitada )?no (?:encontrada|existe|disponible|se encuentra)
    no (?:se )?(?:ha |hemos )?(?:podido )?encontr\w{1,6} la página
    (?:sitio )?en mantenimiento
    página não (?:foi )?encontrada
    pagina non trovata
    pagina niet gevonden
    sidan (?:hittades inte|kunde inte hittas)|siden (?:ble |blev )?ikke (?:funnet|fundet)
    nie znaleziono strony|strona nie istnieje
    страница не (?:найдена|существует)
    sayfa bulunamadı
    الصفحة (?:التي تبحث عنها |المطلوبة )?غير (?:موجودة|متوفرة)
    (?:您(?:所)?(?:访问|查找|浏览|请求)的)?(?:页面|网页|頁面)(?:不存在|未找到|找不到)
    找不到(?:页面|網頁|该页|您要的页面)
    (?:お探しの)?ページが?(?:は)?見つかりません(?:でした)?
    페이지를 찾을 수 없습니다
""")
# A number is an error's as a heading; in a text it is any number.
ERROR_HEADING = re.compile(
    rf"(?:http )?(?:error |erreur |fehler )?(?:code )?\b(?:404|50[0234])\b|{ERROR_PAGE.pattern}", re.I
)
# The article stood here: `this`, not any one.
REMOVED = any_of(r"""
    (?:this|the requested) (?:article|story|page|content|post|report|item|video) (?:is|are) (?:no longer|not) (?:available|accessible|online)
    (?:this|the requested) (?:article|story|page|content|post|report|item|video) (?:has|have) (?:now )?(?:been (?:\w{3,12} )?(?:removed|deleted|withdrawn|retracted|taken down|unpublished|archived)|expired)
    (?:this|the requested) (?:article|story|page|content|post|report|item|video) (?:was|were) (?:\w{3,12} )?(?:removed|deleted|withdrawn|retracted|taken down|unpublished)
    ^\W*(?:article|story|content) (?:removed|withdrawn|retracted|deleted|expired|no longer available)\W*$
    (?:the )?(?:article|story|page) you (?:are|were) looking for (?:is no longer|has been (?:removed|deleted))
    dieser (?:artikel|beitrag|text|inhalt) (?:ist|steht|wurde) (?:leider )?(?:nicht mehr|gelöscht|entfernt|depubliziert|zurückgezogen|offline)
    ^\W*(?:artikel|beitrag) (?:ist )?(?:nicht mehr verfügbar|gelöscht|entfernt)\W*$
    (?:cet article|ce contenu|cette page|cette vidéo) (?:n'est plus|a été (?:supprimée?|retirée?|dépubliée?)|a expiré)
    ^\W*(?:article|contenu) (?:supprimé|retiré|indisponible)\W*$
    est[ea] (?:artículo|noticia|contenido|página|nota) (?:ya no está|no está|ha sido (?:eliminad|retirad|borrad)[oa]|fue (?:eliminad|retirad|borrad)[oa])
    ^\W*(?:artículo|noticia|contenido) (?:eliminad|retirad)[oa]\W*$
    est[ea] (?:artigo|notícia|conteúdo|página) (?:não está mais|já não está|foi (?:removid|excluíd|apagad)[oa])
    questo (?:articolo|contenuto) (?:non è più|è stato (?:rimosso|cancellato))
    dit artikel is (?:niet meer|verwijderd|offline)
    (?:эта|данная) (?:статья|страница|новость|публикация) (?:была )?(?:удалена|снята|больше не)
    ^\W*(?:материал|статья) (?:был[аи]? )?удал[её]н\w?\W*$
    (?:تم|لقد تم) (?:حذف|إزالة|سحب) (?:هذا |هذه )?(?:المقال|الخبر|الصفحة|المحتوى|المادة)
    (?:هذا|هذه) (?:المقال|الخبر|الصفحة|المحتوى|المادة) (?:لم (?:يعد|تعد)|غير متا?ح)
    (?:该|此|本|您访问的)(?:文章|新闻|页面|内容|稿件|帖子)(?:已|已经)?(?:被)?(?:作者)?(?:删除|下线|下架|撤下|移除|撤稿|过期)
    この記事は(?:削除|公開を終了|掲載期間)
    삭제된 (?:기사|게시물)
""")
SEARCH = any_of(r"""
    ^\W*search(?: (?:results?|our archive|the (?:archive|site)))?(?: (?:for|on)\b.*)?\W*$
    \bsearch results?\b.*
    ^\W*(?:\d+ )?results (?:for|matching) .*
    \byou searched for\b.*
    ^\W*(?:suchergebnis(?:se)?|ergebnisse|suche|suche nach|treffer)(?: (?:für|zu|nach)\b.*)?\W*$
    ^\W*(?:résultats?(?: de (?:la |votre )?recherche)?|recherche|rechercher)(?: (?:pour|sur|:)\s*.*)?\W*$
    ^\W*(?:resultados(?: de (?:la )?búsqueda| da (?:busca|pesquisa))?|buscador|buscar|búsqueda|busca|pesquisa)(?: (?:para|de|por)\b.*|:.*)?\W*$
    ^\W*(?:risultati (?:della )?ricerca|ricerca|cerca)(?: (?:per|di)\b.*)?\W*$
    ^\W*(?:zoekresultaten|zoeken)(?: (?:voor|naar)\b.*)?\W*$
    ^\W*(?:sökresultat|sök|søkeresultat|søk|søgeresultater)(?: .*)?\W*$
    ^\W*(?:результаты поиска|поиск|wyniki wyszukiwania|arama sonuçları)\b.*
    .*(?:的?搜索结果|搜尋結果|的?検索結果|검색 ?결과).*
    ^\W*نتائج البحث.*
""")
NOTHING_FOUND = any_of(r"""
    (?:no|0|zero) (?:search )?(?:results|matches|articles|stories) (?:were |have been )?(?:found|matched|for)
    (?:did|does) not match any
    keine (?:ergebnisse|treffer|artikel)
    aucun (?:résultat|article)
    (?:no se (?:han )?encontr\w{1,6}|sin) resultados
    nenhum resultado
    nessun risultato
    geen resultaten
    ничего не найдено
    لا توجد نتائج
    (?:没有找到|未找到|暂无)(?:相关)?(?:结果|内容|文章|新闻)?
""")
